import { posix } from 'node:path';
import type { CheckingTool } from './checking-tool.ts';
import { ruffFormat } from './python-tools.ts';
import { checkingTools } from './tools.ts';

/** A check as a command line runs it, in a form in which two can be compared. */
export interface Invocation {
  /** `black`, `ruff check`. */
  readonly tool: string;
  /** Relative to the repository's top, normalised, sorted; empty when the tool's own config says what it looks at. */
  readonly paths: readonly string[];
  /** Options that change what the tool says, long names, sorted. */
  readonly flags: readonly string[];
  /** The config file that is named, relative to the repository's top. */
  readonly config?: string;
  /** Why its arguments can't be told: a variable, an expression. */
  readonly unresolved?: string;
}

/** A command that runs others, which are declared elsewhere. */
export interface Indirection {
  readonly to: 'tox' | 'nox' | 'make' | 'just' | 'npm-script' | 'pre-commit';
  /** The environment, session, target (empty: the default one), script or hook; undefined for all of them. */
  readonly name: string | undefined;
}

/**
 * What a simple command checks: the tool behind `python -m`, `uv run`, `npx` and their like. Undefined for a command that is no check, and
 * for a formatter that rewrites.
 */
export function invocationOf(command: string, cwd = '.'): Invocation | undefined {
  const words = withoutWrappers(splitWords(command));
  const [program = '', ...rest] = words;
  const name = program.replace(/^.*\//, '');
  if (name === 'ruff') {
    const [subcommand, ...more] = rest;
    if (subcommand === 'format') return readArguments(ruffFormat, more, cwd);
    return readArguments(checkingTools['ruff'], subcommand === 'check' ? more : rest, cwd);
  }
  if (name === 'py.test') return readArguments(checkingTools['pytest'], rest, cwd);
  return Object.hasOwn(checkingTools, name) ? readArguments(checkingTools[name], rest, cwd) : undefined;
}

/** Which other commands a command stands for: `tox -e lint`, `make lint`, `npm run lint`, `pre-commit run`. */
export function indirectionsOf(command: string): readonly Indirection[] {
  const [program = '', ...rest] = withoutWrappers(splitWords(command));
  const name = program.replace(/^.*\//, '');
  const named = (flags: readonly string[]): readonly string[] => {
    const at = rest.findIndex((word) => flags.includes(word.split('=')[0] ?? ''));
    const value = at < 0 ? undefined : (rest[at]?.split('=')[1] ?? rest[at + 1]);
    return value?.split(',') ?? [];
  };
  const several = (to: Indirection['to'], names: readonly string[]): readonly Indirection[] =>
    names.length === 0 ? [{ to, name: undefined }] : names.map((one) => ({ to, name: one }));
  switch (name) {
    case 'tox':
      return several('tox', named(['-e', '--env']));
    case 'nox':
      return several('nox', named(['-s', '--session', '--sessions', '-e']));
    case 'make':
    case 'gmake':
    case '$(MAKE)':
    case '${MAKE}':
      return targetsOf('make', options(rest, makeOptions));
    case 'just':
      return targetsOf('just', options(rest, ['-f', '--justfile', '-d', '--working-directory', '--set', '--shell']));
    case 'pre-commit': {
      if (rest[0] !== 'run') return [];
      const hook = rest.slice(1).find((word) => !word.startsWith('-'));
      return [{ to: 'pre-commit', name: hook }];
    }
    case 'npm':
    case 'pnpm':
    case 'bun':
    case 'yarn': {
      const script =
        rest[0] === 'run' || rest[0] === 'run-script'
          ? rest[1]
          : name !== 'bun' && (rest[0] === 'test' || rest[0] === 't')
            ? 'test'
            : name === 'npm' || name === 'bun'
              ? undefined
              : rest[0];
      return script === undefined || script.startsWith('-') ? [] : [{ to: 'npm-script', name: script }];
    }
    default:
      return [];
  }
}

const makeOptions = ['-C', '--directory', '-f', '--file', '--makefile', '-I', '-o', '-W'];

/** The targets that are named, options and variables left out; the first of the file when none is. */
function targetsOf(to: 'make' | 'just', words: readonly string[]): readonly Indirection[] {
  const targets = words.filter((word) => /^[\w./:-]+$/.test(word) && !word.startsWith('-') && !/:?=/.test(word));
  return (targets.length === 0 ? [''] : targets).map((name) => ({ to, name }));
}

function readArguments(tool: CheckingTool | undefined, given: readonly string[], cwd: string): Invocation | undefined {
  if (tool === undefined) return undefined;
  const { aliases = {}, valued, quiet, config: configOptions, checkOnly } = tool;
  const words = tool.name === 'tsc' || tool.name === 'ruff check' ? given.filter((word) => word !== '--') : given;
  const flags: string[] = [];
  const paths: string[] = [];
  const names = new Set<string>();
  let config: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      paths.push(word);
      continue;
    }
    if (word === '--') continue;
    const [written = '', ...values] = word.split('=');
    // `-l100` is `-l 100`; `-vv` is twice the same.
    const short = /^(-[A-Za-z])(.+)$/.exec(written);
    const isJoined =
      short?.[1] !== undefined && (valued.includes(aliases[short[1]] ?? short[1]) || valued.includes(short[1]));
    const option = aliases[isJoined ? (short[1] ?? written) : written] ?? (isJoined ? (short[1] ?? written) : written);
    let value = isJoined ? short[2] : values.length > 0 ? values.join('=') : undefined;
    const takesNext =
      value === undefined &&
      (valued.includes(option) || valued.includes(written)) &&
      !(words[at + 1] ?? '-').startsWith('-');
    // `--cov` alone takes none.
    if (takesNext && !(option === '--cov' && words[at + 1] === undefined)) {
      value = words[at + 1];
      at += 1;
    }
    names.add(option);
    if (configOptions.includes(option)) config = value;
    else if (!quiet.includes(option) && !quiet.includes(written) && !/^-[vq]+$/.test(written))
      flags.push(value === undefined ? option : `${option}=${value}`);
  }
  if (names.has('--version') || names.has('--help')) return undefined;
  if (checkOnly !== undefined && !checkOnly.some((one) => names.has(one))) return undefined;
  const all = [...flags, ...paths, config ?? ''].join(' ');
  const unresolved = /\$|`|%\w+%|<<|\{\{/.test(all) ? `its arguments hold a variable (${all.trim()})` : undefined;
  const places = tool.pathless === true ? [] : paths.length === 0 && tool.needsPaths !== true ? ['.'] : paths;
  return {
    tool: tool.name,
    paths: [...new Set(places.map((path) => inRepository(path, cwd)))].toSorted(),
    flags: [...new Set(flags.map(unquoted))].toSorted(),
    ...(config === undefined ? {} : { config: inRepository(config, cwd) }),
    ...(unresolved === undefined ? {} : { unresolved }),
  };
}

function unquoted(flag: string): string {
  return flag.replace(/\s*,\s*/g, ',');
}

function inRepository(path: string, cwd: string): string {
  return posix.join(cwd, path.replaceAll('\\', '/')).replace(/\/$/, '') || '.';
}

/** The words of a command whose quotes are gone already (as CommandReadings have them) or not. */
function splitWords(command: string): string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/(["'])(.*?)\1/g, '$2'));
}

const options = (words: readonly string[], valued: readonly string[]): readonly string[] => {
  let at = 0;
  while (words[at]?.startsWith('-') === true) at += valued.includes(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
};

const uvOptions = [
  '--with',
  '--python',
  '-p',
  '--group',
  '--extra',
  '--only-group',
  '--directory',
  '--project',
  '--env-file',
  '--with-requirements',
  '--package',
  '--from',
];

/** The command behind those that only start another one. */
function withoutWrappers(words: readonly string[]): readonly string[] {
  let rest = words;
  for (let count = 0; count < 8; count += 1) {
    const [program = '', first, second] = rest;
    const name = program.replace(/^.*\//, '');
    const next = unwrapped(name, first, second, rest);
    if (next === undefined) return rest;
    rest = next;
  }
  return rest;
}

function unwrapped(
  name: string,
  first: string | undefined,
  second: string | undefined,
  words: readonly string[],
): readonly string[] | undefined {
  const bare = (rest: readonly string[]): readonly string[] => [
    (rest[0] ?? '').replace(/@[^/]*$/, ''),
    ...rest.slice(1),
  ];
  if (/^(?:python[\d.]*|\$\{?\w*PYTHON\w*\}?|\$\(PYTHON\))$/i.test(name) && first === '-m') {
    if (second === 'coverage') return words.slice(2);
    return second === 'unittest' ? undefined : words.slice(2);
  }
  if (name === 'coverage' && first === 'run') {
    const after = options(words.slice(2), ['--source', '--rcfile', '--omit', '--include', '--branch', '-a']);
    const module = words.indexOf('-m');
    return module > 0 ? words.slice(module + 1) : after;
  }
  if (name === 'uv' && first === 'run') return options(words.slice(2), uvOptions);
  if (name === 'uv' && first === 'tool' && second === 'run') return bare(options(words.slice(3), uvOptions));
  if (name === 'uvx') return bare(options(words.slice(1), uvOptions));
  if (name === 'pipx' && first === 'run') return bare(options(words.slice(2), ['--spec', '--python']));
  if (/^(?:poetry|pdm|pipenv|rye|pixi)$/.test(name) && first === 'run')
    return options(words.slice(2), ['-e', '--environment']);
  if (name === 'hatch' && first === 'run') return [(words[2] ?? '').replace(/^[\w.-]+:/, ''), ...words.slice(3)];
  if (name === 'npx' || name === 'bunx') return bare(options(words.slice(1), ['-p', '--package']));
  if (name === 'npm' && first === 'exec') return bare(options(words.slice(2), ['-p', '--package']));
  if (/^(?:pnpm|yarn)$/.test(name) && (first === 'exec' || first === 'dlx')) return bare(words.slice(2));
  if (/^(?:pnpm|yarn)$/.test(name) && first !== undefined && Object.hasOwn(checkingTools, first)) return words.slice(1);
  if (name === 'env' || name === 'nice' || name === 'time' || name === 'xvfb-run') {
    const rest = options(words.slice(1), ['-n', '-u', '-s']);
    const start = rest.findIndex((word) => !/^\w+=/.test(word));
    return start < 0 ? undefined : rest.slice(start);
  }
  return undefined;
}
