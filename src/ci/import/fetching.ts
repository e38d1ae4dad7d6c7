import type { StepConfig } from '../../config/config.ts';
import type { ShellCommand } from '../../formats/shell.ts';
import { commandKind, plainWords } from './command.ts';

/**
 * What decides which files a command fetches: `fixed` is a lock file, a pin, or a description of environments that the program itself keeps and
 * makes anew when the description changes; `index` is the repository's files and what an index has on that day; `unknown` is anything else.
 */
export type Fetching = 'fixed' | 'index' | 'unknown';

/** For how long a pass of a step that asks an index stands. */
const indexSeconds = 24 * 3600;

/** How a pass of a step is kept that fetches what these commands fetch; nothing of it where it is not. */
export function keptPass(fetching: readonly Fetching[]): Pick<StepConfig, 'cache' | 'cacheSeconds'> {
  if (fetching.length === 0 || fetching.includes('unknown')) return {};
  return fetching.includes('index') ? { cache: true, cacheSeconds: indexSeconds } : { cache: true };
}

/** Programs that make environments of their own from what the repository's files name, and the folder where each keeps them. */
const environmentMakers: Readonly<Record<string, string | undefined>> = {
  tox: '.tox',
  nox: '.nox',
  hatch: undefined,
  'pre-commit': undefined,
  'pre-commit-uv': undefined,
};

// Pyright's package on PyPI, and Playwright, fetch exactly what their own versions name, and these are locked.
const fixed =
  /^(?:npm (?:ci|clean-install)|pyright|playwright install|uv (?:run|sync) (?:\S+ )*?--(?:locked|frozen))(?: |$)|^(?:pnpm|yarn|bun) .*--(?:frozen-lockfile|immutable)(?: |$)/;

// Nothing but packages, from an index, in the versions that the repository's files or the command ask for.
const index =
  /^(?:build|pyproject-build|(?:uv|poetry|pdm|flit) build|uv (?:run|sync|lock|pip)|pip-compile|pip[\d.]* (?:\S+ )*?(?:install|download|wheel)|npm (?:install|i|exec)|npx (?:\S+ )*?(?:--yes|-y)|bunx)(?: |$)/;

const unknown =
  /^(?:curl|wget|git (?:clone|fetch|pull|submodule|ls-remote)|npm audit|npx .*playwright install|pip-audit|safety|nltk|spacy|lychee|ssh|rsync)(?: |$)/;

/** What decides which files a command fetches while it runs; undefined for one that fetches none. */
export function fetchingOf(command: Pick<ShellCommand, 'words'>): Fetching | undefined {
  const words = plainWords(command);
  const text = words.join(' ');
  // `uv run pip uninstall` and its like ask nobody.
  if (
    /^(?:uv )?pip[\d.]* (?:-\S+ )*(?:uninstall|list|show|freeze|check|config|cache|debug|tree|--version)(?: |$)/.test(
      text,
    )
  )
    return undefined;
  if (Object.hasOwn(environmentMakers, words[0] ?? '') || fixed.test(text)) return 'fixed';
  if (unknown.test(text)) return 'unknown';
  if (index.test(text)) return 'index';
  if (/^pip[\d.]*(?: |$)/.test(text)) return 'unknown';
  if (commandKind(command) === 'node-install') return 'index';
  return fetchesPackages(words) ? 'unknown' : undefined;
}

/** The folder in which a command keeps the environments that it makes, relative to its own; undefined for one that keeps none there. */
export function environmentsFolder(command: Pick<ShellCommand, 'words'>): string | undefined {
  const [program = '', ...rest] = plainWords(command);
  // `tox run -f` names factors, `nox -f` another file.
  const elsewhere = program === 'tox' ? /^(?:-c|--conf|--workdir|--root)(?:=|$)/ : /^(?:-f|--noxfile|--envdir)(?:=|$)/;
  const isElsewhere = rest.some((word) => elsewhere.test(word));
  return isElsewhere ? undefined : environmentMakers[program];
}

/** True for the commands of pnpm, Yarn and bun that fetch packages; plain `yarn` installs. */
function fetchesPackages([program = '', ...rest]: readonly string[]): boolean {
  if (program !== 'pnpm' && program !== 'yarn' && program !== 'bun') return false;
  const isValue = (at: number): boolean => /^(?:--filter|-F|--cwd|--dir|-C|--prefix)$/.test(rest[at - 1] ?? '');
  const command = rest.find((word, at) => !word.startsWith('-') && !isValue(at));
  if (command === undefined) return program === 'yarn';
  return /^(?:install|i|ci|add|x|dlx|create|audit|outdated|fetch|update|up|upgrade|deploy|npm|info|view|set)$/.test(
    command,
  );
}
