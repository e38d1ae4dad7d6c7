import { pytestCommand } from './pytest-command.ts';
import { shellCommands } from './shell.ts';

// They start other programs that nobody sees here, some without the variables that name the plugins' folder.
const opaque = /^(?:make|just|task|invoke|inv|tox|nox|pipx|sh|bash|dash|zsh|npm|npx|source|\.)$/;
// Another Python than the image's may be meant.
const otherPython = /\b(?:activate|conda|mamba|pyenv|v?env|virtualenv)\b|\bPATH\+?=/;

/**
 * Whether plugins that variables name (PYTEST_ADDOPTS, PYTHONPATH) are found for certain by each pytest of a script and seen by nobody.
 * Not where a command sets or clears those variables or starts what can't be seen here, nor under `coverage run`, which measures every
 * file, nor where pytest is to list its plugins.
 */
export function isPlainPytest(script: string, variables: Readonly<Record<string, string>> = {}): boolean {
  if (!/\bpy\.?test\b/.test(script)) return false;
  return arePlain(
    script,
    shellCommands(script).map(({ words }) => words.map(({ text }) => text)),
    variables,
  );
}

/** The same of one command that no shell reads. */
export function isPlainPytestCommand(words: readonly string[]): boolean {
  return arePlain(words.join(' '), [words], {});
}

function arePlain(
  script: string,
  commands: readonly (readonly string[])[],
  variables: Readonly<Record<string, string>>,
): boolean {
  if (/\bPYTEST_ADDOPTS\b/.test(script)) return false;
  if (/(?:^|\s)--(?:trace-config|debug)\b/.test(`${script} ${variables['PYTEST_ADDOPTS'] ?? ''}`)) return false;
  const kinds = commands.map(pytestCommand);
  if (!kinds.includes('plain') || kinds.includes('coverage')) return false;
  if (commands.some((words, at) => hidesVariables(words) || (kinds[at] === undefined && isOpaque(words)))) return false;
  // What the image's own Python finds needs no PYTHONPATH.
  if (!/\bPYTHONPATH\b/.test(script)) return true;
  if (variables['PATH'] !== undefined || otherPython.test(script)) return false;
  return commands.every(([program = ''], at) => kinds[at] === undefined || /^(?:pytest|python3?)$/.test(program));
}

function isOpaque([program = '', argument = '']: readonly string[]): boolean {
  // What a virtual environment's script sets is none of those variables.
  if (/^(?:source|\.)$/.test(program) && argument.endsWith('/bin/activate')) return false;
  return opaque.test(program) || program.includes('/') || program.includes('$');
}

/** `python -I -m pytest`, `env -i pytest`: Python or pytest is told not to look. */
function hidesVariables(words: readonly string[]): boolean {
  const ofPython = words.slice(0, Math.max(0, words.indexOf('-m')));
  if (ofPython.some((word) => /^-[a-zA-Z]*[IES]/.test(word))) return true;
  return words.includes('env') && words.some((word) => /^(?:-|-i|--ignore-environment)$/.test(word));
}
