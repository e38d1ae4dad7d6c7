import { shellCommands } from '../../formats/shell.ts';
import { plainWords } from '../import/command.ts';
import { withoutRunners } from '../import/without-runners.ts';

/**
 * The variables by which tox runs what the image's Python can: a job that sets up several Pythons for one tox is a matrix in another form, and
 * one of them is here. `others` are the rest, as setup-python takes them: `3.10`, `pypy3.11`.
 */
export function withoutOtherPythons(script: string, others: readonly string[]): Readonly<Record<string, string>> {
  const factors = [...new Set(others.flatMap(factorsOf))];
  if (factors.length === 0) return {};
  const commands = shellCommands(withoutRunners(script, '.', []));
  const chooses = (words: readonly string[]): boolean =>
    words.some((word) => /^(?:-e|-f|-m|--skip-env)(?:=|$)/.test(word));
  const isTox = commands.some((command) => plainWords(command)[0] === 'tox' && !chooses(plainWords(command)));
  if (!isTox) return {};
  // https://tox.wiki/en/stable/cli_interface.html: environments that the expression finds are not run.
  return { TOX_SKIP_ENV: `^(?:.*-)?(?:${factors.join('|')})(?:-.*)?$` };
}

/** How tox names a Python in its environments: `py310` and `py3.10`, `pypy311` and `pypy3.11`. */
function factorsOf(version: string): readonly string[] {
  const [, kind, major, minor] = /^(pypy-?|python-?)?(\d)\.(\d+)/.exec(version.trim()) ?? [];
  if (major === undefined || minor === undefined) return [];
  return [`${kind?.startsWith('pypy') === true ? 'pypy' : 'py'}${major}\\.?${minor}`];
}
