import { posix } from 'node:path';
import { normalisedName } from '../formats/package-name.ts';

/** A tool whose lock file a toolchain may name; `pylock` is PEP 751's format, which several tools write. */
export type LockTool = 'uv' | 'poetry' | 'pdm' | 'pipenv' | 'pylock';

/** A requirement source that is a lock file: `uv.lock --extra cli`. The options are those of the tool's own install command. */
export interface LockSource {
  readonly tool: LockTool;
  /** Relative to the project. */
  readonly file: string;
  readonly options: readonly string[];
}

/** What of a lock file is installed. Names are normalised. */
export interface LockSelection {
  readonly extras: readonly string[] | 'all';
  /** Asked for besides the default ones. */
  readonly groups: readonly string[] | 'all';
  readonly without: readonly string[];
  /** Nothing but these; absent: the project's own dependencies, too. */
  readonly only?: readonly string[];
  /** False: no group that nobody asks for. */
  readonly defaultGroups: boolean;
  /** False: not the project's own dependencies. */
  readonly main: boolean;
  /** What of the repository's own packages is left out: the project itself, or the members of its workspace, too. */
  readonly leavesOut?: 'project' | 'workspace';
  /** True: the repository's own packages are installed as their wheels. */
  readonly noEditable?: true;
}

type Effect =
  | 'extra'
  | 'all-extras'
  | 'group'
  | 'all-groups'
  | 'without'
  | 'only'
  | 'no-dev'
  | 'only-dev'
  | 'no-default-groups'
  | 'no-main'
  | 'no-project'
  | 'no-workspace'
  | 'no-editable'
  /** Decided by the tool itself (uv), which is given the words as they are. */
  | 'passed';

interface Options {
  readonly flags: Readonly<Record<string, Effect>>;
  /** Options with a value, which may be a list with commas (or, poetry's extras, spaces). */
  readonly valued: Readonly<Record<string, Effect>>;
}

const optionsOf: Readonly<Record<LockTool, Options>> = {
  uv: {
    flags: {
      '--all-extras': 'all-extras',
      '--all-groups': 'all-groups',
      '--all-packages': 'passed',
      '--dev': 'passed',
      '--no-dev': 'no-dev',
      '--only-dev': 'only-dev',
      '--no-default-groups': 'no-default-groups',
      '--no-editable': 'no-editable',
      '--no-install-project': 'no-project',
      '--no-install-workspace': 'no-workspace',
    },
    valued: {
      '--extra': 'extra',
      '--no-extra': 'passed',
      '--group': 'group',
      '--no-group': 'without',
      '--only-group': 'only',
      '--package': 'passed',
      '--no-install-package': 'passed',
    },
  },
  poetry: {
    flags: {
      '--all-extras': 'all-extras',
      '--all-groups': 'all-groups',
      '--no-dev': 'no-dev',
      '--no-root': 'no-project',
    },
    valued: { '--with': 'group', '--without': 'without', '--only': 'only', '--extras': 'extra', '-E': 'extra' },
  },
  pdm: {
    flags: {
      '--dev': 'passed',
      '-d': 'passed',
      '--prod': 'no-default-groups',
      '--production': 'no-default-groups',
      '--no-default': 'no-main',
      '--no-self': 'no-project',
      '--no-editable': 'no-editable',
    },
    valued: { '--group': 'group', '-G': 'group', '--with': 'group', '--without': 'without' },
  },
  pipenv: { flags: { '--dev': 'only-dev', '-d': 'only-dev' }, valued: { '--categories': 'only' } },
  pylock: {
    flags: { '--all-extras': 'all-extras', '--all-groups': 'all-groups' },
    valued: { '--extra': 'extra', '--group': 'group' },
  },
};

/** The tool whose lock file has this path; undefined for any other file. */
export function lockToolOf(path: string): LockTool | undefined {
  const name = posix.basename(path);
  if (name === 'uv.lock') return 'uv';
  if (name === 'poetry.lock') return 'poetry';
  if (name === 'pdm.lock') return 'pdm';
  if (name === 'Pipfile.lock') return 'pipenv';
  return /^pylock(?:\.[^.]+)?\.toml$/.test(name) ? 'pylock' : undefined;
}

/** Takes a requirement source for a lock file with options; undefined when it is another kind of source. */
export function lockSource(source: string): LockSource | undefined {
  const [file = '', ...options] = source.trim().split(/\s+/);
  const tool = lockToolOf(file.replace(/\[.*$|:[^/]*$/, ''));
  return tool === undefined ? undefined : { tool, file, options };
}

/** What a source's options select, or what is wrong with them. Pure. */
export function lockSelection({ tool, file, options }: LockSource): LockSelection | LockSourceProblem {
  const short = /^(.*?)(?:\[(.*)\]|:(.*))$/.exec(file);
  if (short !== null && lockToolOf(short[1] ?? '') !== undefined) {
    const extras = short[2];
    const option = extras === undefined ? groupOption[tool] : extraOption[tool];
    return wrong(
      `extras and groups of a lock file are asked for by ${installOf(tool)}'s own options`,
      `write \`${short[1] ?? ''} ${option} ${extras ?? short[3] ?? ''}\``,
    );
  }
  const { flags, valued } = optionsOf[tool];
  const given = new Map<Effect, string[]>();
  const add = (effect: Effect, names: readonly string[]): void =>
    void given.set(effect, [...(given.get(effect) ?? []), ...names]);
  for (let at = 0; at < options.length; at += 1) {
    const [option = '', ...rest] = (options[at] ?? '').split('=');
    const flag = flags[option];
    const effect = valued[option];
    if (flag !== undefined && rest.length === 0) add(flag, []);
    else if (effect !== undefined) {
      const value = rest.length > 0 ? rest.join('=') : options[(at += 1)];
      const names = (value ?? '').replace(/^(["'])(.*)\1$/, '$2').split(/[,\s]+/);
      if (!names.every((name) => /^(?::all|[A-Za-z0-9][A-Za-z0-9._-]*)$/.test(name)))
        return wrong(`\`${option}\` needs a name`, `write \`${file} ${option} NAME\``);
      add(effect, names.map(normalised));
    } else
      return wrong(
        `\`${options[at] ?? ''}\` is no option by which ${installOf(tool)} chooses what to install`,
        `it may have: ${[...Object.keys(flags), ...Object.keys(valued).map((name) => `${name} NAME`)].join(', ')}`,
      );
  }
  return selectionOf(given);
}

/** What is wrong with a source's options. */
export interface LockSourceProblem {
  readonly wrong: { readonly message: string; readonly hint: string };
}

function selectionOf(given: ReadonlyMap<Effect, readonly string[]>): LockSelection {
  const groups = given.get('group') ?? [];
  const only = [...(given.get('only') ?? []), ...(given.has('only-dev') ? ['dev'] : [])];
  // pdm's `-G :all` are all optional groups, which are its extras.
  const everything = groups.includes(':all');
  return {
    extras: given.has('all-extras') || everything ? 'all' : (given.get('extra') ?? []),
    groups: given.has('all-groups') ? 'all' : groups.filter((name) => name !== ':all'),
    without: [...(given.get('without') ?? []), ...(given.has('no-dev') ? ['dev'] : [])],
    ...(only.length === 0 ? {} : { only }),
    defaultGroups: !given.has('no-default-groups'),
    main: !given.has('no-main'),
    ...(given.has('no-workspace')
      ? { leavesOut: 'workspace' }
      : given.has('no-project')
        ? { leavesOut: 'project' }
        : {}),
    ...(given.has('no-editable') ? { noEditable: true } : {}),
  };
}

const installs: Readonly<Record<LockTool, string>> = {
  uv: 'uv sync',
  poetry: 'poetry install',
  pdm: 'pdm install',
  pipenv: 'pipenv install',
  pylock: 'uv pip sync',
};
const groupOption: Readonly<Record<LockTool, string>> = {
  uv: '--group',
  poetry: '--with',
  pdm: '-G',
  pipenv: '--categories',
  pylock: '--group',
};
const extraOption: Readonly<Record<LockTool, string>> = {
  uv: '--extra',
  poetry: '-E',
  pdm: '-G',
  pipenv: '--categories',
  pylock: '--extra',
};

function installOf(tool: LockTool): string {
  return installs[tool];
}

function normalised(name: string): string {
  return name.startsWith(':') ? name : normalisedName(name);
}

function wrong(message: string, hint: string): LockSourceProblem {
  return { wrong: { message, hint } };
}

/** A source's options without those that only say how the repository's own packages are installed. */
export function dependencyOptions({ tool, options }: LockSource): readonly string[] {
  const { flags } = optionsOf[tool];
  return options.filter((option) => !/^no-(?:project|workspace|editable)$/.test(flags[option] ?? ''));
}

/** The options of an install command that choose what is installed, in order; others (`--locked`, `--quiet`) are left out. */
export function selectingOptions(tool: LockTool, words: readonly string[]): readonly string[] {
  const { flags, valued } = optionsOf[tool];
  return words.flatMap((word, index) => {
    const [option = '', ...rest] = word.split('=');
    if (flags[option] !== undefined && rest.length === 0) return [word];
    if (valued[option] === undefined) return [];
    const value = rest.length > 0 ? rest.join('=') : words[index + 1];
    return value === undefined
      ? []
      : [
          option,
          value
            .trim()
            .split(/[,\s]+/)
            .join(','),
        ];
  });
}
