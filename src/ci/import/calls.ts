import { posix } from 'node:path';
import { shellCommands, type ShellCommand } from '../../formats/shell.ts';
import { workspaceRoot } from '../decided-pipeline.ts';
import { headerPackages } from './c-headers.ts';
import { calledCommands, type CalledCommand } from './called-commands.ts';
import { commandKind, plainWords, systemPackageOf, toolOf, type CommandKind } from './command.ts';
import { fetchingOf, type Fetching } from './fetching.ts';
import { readInstall, type Install } from './install.ts';
import { hasNoEffect, isSetUpCommand } from './refusal.ts';
import { withoutRunners } from './without-runners.ts';

/** A command and the folder that it runs in, relative to the repository's top. */
export interface CallFolders {
  readonly command: ShellCommand;
  readonly cwd: string;
}

/** What following calls needs; `installs` gets what the called commands would install. */
export interface CallFacts {
  readonly readText: (path: string) => string | undefined;
  readonly installs: Install[];
  /** The step's variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What commands need beside what they are: by the Makefiles and scripts that they run. */
export interface Calls {
  /** Kinds of all commands; those of what a command calls stand in place of its own. */
  readonly kinds: ReadonlySet<CommandKind>;
  /** What those fetch that fetch something. */
  readonly fetching: readonly Fetching[];
  readonly tools: readonly string[];
  readonly system: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Something of it runs on Node, which CI's machines have unasked. */
  readonly node: boolean;
}

/** Where the image's Python environment is: `image/parts/recipe-settings.ts`. */
const imageEnvironment = '/opt/parity';

/** What makes a manager use the image's environment, when a script of the repository calls it. */
const managerVariables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  uv: { UV_NO_SYNC: '1', UV_PROJECT_ENVIRONMENT: imageEnvironment },
  poetry: { VIRTUAL_ENV: imageEnvironment },
  pdm: { VIRTUAL_ENV: imageEnvironment, PDM_IGNORE_SAVED_PYTHON: '1' },
  pipenv: { VIRTUAL_ENV: imageEnvironment, PIPENV_VERBOSITY: '-1' },
};

/** Programs that a script calls and a Python package brings, where it has another name. */
const callPackages: Readonly<Record<string, string>> = {
  uv: 'uv',
  uvx: 'uv',
  poetry: 'poetry',
  pdm: 'pdm',
  pipenv: 'pipenv',
  just: 'rust-just',
  poe: 'poethepoet',
  invoke: 'invoke',
  inv: 'invoke',
  doit: 'doit',
};

/** Follows commands into the Makefiles and scripts that they run. */
export function callsOf(commands: readonly CallFolders[], { readText, installs, env: variables }: CallFacts): Calls {
  // `bash "$GITHUB_ACTION_PATH/run.sh"` is a file of the repository.
  const filled = (word: string): string =>
    word
      .replace(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (whole, braced?: string, plain?: string) => variables?.[braced ?? plain ?? ''] ?? whole,
      )
      .replace(new RegExp(`^${workspaceRoot}/`), '');
  const kinds = new Set<CommandKind>();
  const tools: string[] = [];
  const system: string[] = [];
  const env: Record<string, string> = {};
  const fetching: Fetching[] = [];
  let node = false;
  for (const { command, cwd } of commands) {
    const [program = ''] = plainWords(command);
    // `uv run` and its like left the step's own commands: what is left of them is there to be run.
    if (callPackages[program] !== undefined) tools.push(callPackages[program] ?? '');
    const called = calledCommands(wordsOf(command).map(filled), cwd, readText);
    const own = commandKind(command);
    node ||= runsOnNode(command, cwd, readText);
    system.push(...headerPackages(command, cwd, readText));
    if (called.length === 0 || own !== 'other') kinds.add(own);
    // hatch makes an environment of its own, whose tools are those that its file names.
    const isElsewhere = program === 'hatch';
    for (const each of called) {
      const [name = ''] = plainWords(asCommand(each));
      if (callPackages[name] !== undefined) tools.push(callPackages[name] ?? '');
      Object.assign(env, managerVariables[name === 'uvx' ? '' : name]);
      const plain = shellCommands(withoutRunners(each.text, each.cwd, installs, variables));
      for (const one of plain) {
        const kind = commandKind(one);
        if (kind === 'python-install' && !isElsewhere) installs.push(readInstall(one, each.cwd));
        if (own === 'other') kinds.add(kind);
        if (!isElsewhere) tools.push(...some(toolOf(one)));
        system.push(...some(systemPackageOf(one)), ...headerPackages(one, each.cwd, readText));
        const fetched = name === 'uvx' ? 'index' : fetchingOf(one);
        if (fetched !== undefined) fetching.push(fetched);
        node ||= runsOnNode(one, each.cwd, readText);
      }
    }
  }
  for (const kind of ['neutral', 'aside'] as const) kinds.delete(kind);
  return { kinds, fetching, tools, system, env, node };
}

/** Files in which a program that makes environments names what it runs in them. */
const environmentFiles: Readonly<Record<string, readonly string[]>> = {
  tox: ['tox.ini', 'tox.toml', 'pyproject.toml', 'setup.cfg'],
  nox: ['noxfile.py'],
  hatch: ['hatch.toml', 'pyproject.toml'],
};

/** Node's own programs, and pyright: the package on PyPI takes the machine's Node, else fetches one. */
function runsOnNode(command: ShellCommand, cwd: string, readText: CallFacts['readText']): boolean {
  const [program = ''] = plainWords(command);
  if (/^(?:node|npm|npx|corepack|pyright)$/.test(program)) return true;
  const files = Object.hasOwn(environmentFiles, program) ? (environmentFiles[program] ?? []) : [];
  return files.some((file) => /(?<![\w-])pyright(?![\w-])/.test(readText(posix.join(cwd, file)) ?? ''));
}

/**
 * What commands install, when they do nothing else but by calling scripts of the repository (`make install`); undefined when
 * one does more, or when none calls anything.
 */
export function installsOnly(
  commands: readonly ShellCommand[],
  cwd: string,
  readText: CallFacts['readText'],
): readonly Install[] | undefined {
  const found: Install[] = [];
  for (const command of commands) {
    if (isSetUpCommand(command)) continue;
    const called = calledCommands(wordsOf(command), cwd, readText);
    const ends = called.filter((each) => calledCommands(each.words, each.cwd, readText).length === 0);
    const does = ends.map((each) => ({ cwd: each.cwd, command: asCommand(each) }));
    if (!does.every((each) => isSetUpCommand(each.command))) return undefined;
    if (!does.some((each) => !hasNoEffect(each.command))) return undefined;
    for (const each of does)
      if (/^(?:python|system)-install$/.test(commandKind(each.command)))
        found.push(readInstall(each.command, each.cwd));
  }
  return found.length > 0 ? found : undefined;
}

function wordsOf({ words }: ShellCommand): readonly string[] {
  return words.map(({ text }) => text);
}

function asCommand({ words }: CalledCommand): ShellCommand {
  return { words: words.map((text) => ({ text, start: 0, end: 0, dynamic: /[$`]/.test(text) })), start: 0, end: 0 };
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
