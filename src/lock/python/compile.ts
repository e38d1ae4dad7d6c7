import type { Platform } from '../../core/platform.ts';
import { platforms } from '../../core/platform.ts';
import type { LockedPythonPackage } from '../lock.ts';
import type { IndexOptions, Requirement } from '../requirements/requirement.ts';
import { sourceText } from '../requirements/package-source.ts';
import type { LockedPin } from '../requirements/pins/locked-pins.ts';
import { nameAndVersion } from '../requirements/lock-indexes.ts';
import { hostIndexVariable, type ContainerTask } from './run-in-container.ts';

/** What uv is to resolve. */
export interface CompileInput {
  readonly requirements: readonly Requirement[];
  /** What lock files of other tools hold: installed as it is, and a limit to everything else. */
  readonly pins?: readonly LockedPin[];
  /** The index of each of them, by nameAndVersion: empty for the default one. Where it is not known, all indexes are asked. */
  readonly indexOfPin?: ReadonlyMap<string, string>;
  readonly index: IndexOptions;
  readonly uvPath: string;
  /** Path of the image's Python, and its exact version. */
  readonly python: string;
  readonly pythonVersion: string;
  /** Pins to keep where they still fit. */
  readonly previous: readonly LockedPythonPackage[];
  readonly upgrade: false | 'all' | readonly string[];
  /** Names of packages that are built from this repository: whoever asks for one gets that, and no index is asked for it. */
  readonly builtHere?: readonly string[];
}

/** Brings git where a base has none: uv and images/toolchain.py fetch repositories with it. */
export const gitTask: ContainerTask = {
  name: 'git',
  argv: [
    'sh',
    '-c',
    'command -v git >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends git; }',
  ],
};

/** Files and commands for the container, and whose requirements each file holds. */
export interface CompilePlan {
  readonly files: Readonly<Record<string, string>>;
  readonly stages: readonly (readonly ContainerTask[])[];
  readonly outputs: readonly string[];
  /** The outputs that say what each platform would install, as far as they are there. */
  readonly platformFiles: Readonly<Record<Platform, readonly string[]>>;
  /** Source name (`toolchain.tools`, a path) by the file's name in the container. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Name of the resolution's file in the container. */
export const compiledFile = 'lock.txt';

const overridesFile = 'built-here.txt';
/** Name of a file with what other tools' lock files hold of one index. */
const groupFile = (at: number): string => `pins-${at}.txt`;

/** Name of the file with those of them that hold against what other packages say. */
const overridingFile = 'overriding.txt';

/** Name of a platform's own file in the container; of one group of pins. */
function platformFile(platform: Platform, group?: number): string {
  return `pylock.${machineOf(platform)}${group === undefined ? '' : `-${group}`}.toml`;
}

/** A platform's `platform_machine`. */
export function machineOf(platform: Platform): 'x86_64' | 'aarch64' {
  return platform === 'linux/amd64' ? 'x86_64' : 'aarch64';
}

/**
 * Plans the resolution: once for all platforms together, then, from that, what each platform would install. What another tool's lock file holds
 * is not resolved, so that it stays as its tool decided (overrides, exclusions); the rest is resolved with it as limits. Pure.
 */
export function planCompile(input: CompileInput): CompilePlan {
  const { pins = [] } = input;
  const sources = new Map<string, string>();
  const files: Record<string, string> = { 'pyproject.toml': environments(input.pythonVersion) };
  const given = { requirement: [] as string[], constraint: [] as string[] };
  for (const kind of ['requirement', 'constraint'] as const) {
    const wanted = input.requirements.filter((one) => one.constraint === (kind === 'constraint'));
    for (const source of new Set(wanted.map((one) => one.source))) {
      const name = `${kind}s-${given[kind].length}.txt`;
      const lines = wanted.filter((one) => one.source === source).map((one) => one.text);
      files[name] = `${lines.join('\n')}\n`;
      given[kind].push(name);
      sources.set(name, source);
    }
  }
  for (const file of new Set(pins.map((pin) => pin.file))) {
    const name = `constraints-${given.constraint.length}.txt`;
    files[name] = pinLines(pins.filter((pin) => pin.file === file && pin.overrides !== true));
    given.constraint.push(name);
    sources.set(name, file);
  }
  const overriding = pins.filter((pin) => pin.overrides === true);
  if (overriding.length > 0) files[overridingFile] = pinLines(overriding);
  const groups = pinGroups(input);
  const filesOf = (platform: Platform): readonly string[] => [
    platformFile(platform),
    ...groups.map((_, at) => platformFile(platform, at)),
  ];
  const hasCommits = [...Object.values(files), ...pins.map(({ source }) => source?.commit ?? '')].some((text) =>
    /@ git\+|^[0-9a-f]{40}$/m.test(text),
  );
  const isResolved = given.requirement.length > 0;
  // Where nothing is asked for (a build backend that builds itself), the resolution is there all the same, for what reads it.
  if (!isResolved) files[compiledFile] = '';
  const kept = input.upgrade === 'all' ? [] : input.previous;
  if (isResolved && kept.length > 0)
    files[compiledFile] = kept
      .filter(({ source }) => source === undefined)
      .map(({ name, version, marker }) => `${name}==${version}${marker === undefined ? '' : ` ; ${marker}`}\n`)
      .join('');
  const { builtHere = [] } = input;
  // An override takes the place of all requirements on that name: this one never applies, so nothing is to be resolved.
  if (builtHere.length > 0) files[overridesFile] = builtHere.map((name) => `${name} ; python_version < '0'\n`).join('');
  const python = ['--python', input.python, '--python-version', input.pythonVersion];
  const common = [...python, '--no-header', '--color', 'never', ...indexArguments(input.index)];
  const compile = [input.uvPath, 'pip', 'compile', ...common];
  const upgraded = input.upgrade === false || input.upgrade === 'all' ? [] : input.upgrade;
  const together = ['--universal', '--generate-hashes', '--annotation-style', 'line', '--output-file', compiledFile];
  const all: ContainerTask = {
    name: 'resolve',
    argv: [
      ...compile,
      ...given.requirement,
      ...given.constraint.flatMap((name) => ['--constraint', name]),
      ...(builtHere.length > 0 ? ['--override', overridesFile] : []),
      ...(overriding.length > 0 ? ['--override', overridingFile] : []),
      ...together,
      ...upgraded.flatMap((name) => ['--upgrade-package', name]),
    ],
  };
  groups.forEach(({ pins: own }, at) => (files[groupFile(at)] = pinLines(own)));
  const each = platformTasks(groups, { compile, hasResolved: isResolved || pins.length === 0 });
  return {
    files,
    stages: [...(hasCommits ? [[gitTask]] : []), ...(isResolved ? [[all]] : []), each],
    outputs: [compiledFile, ...platforms.flatMap(filesOf)],
    platformFiles: Object.fromEntries(platforms.map((platform) => [platform, filesOf(platform)])) as Record<
      Platform,
      readonly string[]
    >,
    sources,
  };
}

const bestOfAll = ['--index-strategy', 'unsafe-best-match'] as const;

/** What each platform would install: of what is resolved, and of each index's pins. */
function platformTasks(
  groups: readonly PinGroup[],
  { compile, hasResolved }: { readonly compile: readonly string[]; readonly hasResolved: boolean },
): readonly ContainerTask[] {
  const alone = ['--no-deps', '--format', 'pylock.toml'];
  return platforms.flatMap((platform): ContainerTask[] => {
    const target = ['--python-platform', `${machineOf(platform)}-@libc@`, '--output-file'];
    return [
      ...(hasResolved
        ? [{ name: platform, argv: [...compile, compiledFile, ...alone, ...target, platformFile(platform)] }]
        : []),
      ...groups.map(({ index }, at) => ({
        name: `${platform} ${at}`,
        argv: askingFirst(index, [...compile, groupFile(at), ...alone, ...target, platformFile(platform, at)]),
      })),
    ];
  });
}

interface PinGroup {
  /** Empty for the default one; undefined where it is not known. */
  readonly index: string | undefined;
  readonly pins: readonly LockedPin[];
}

/** The pins of each index together. */
function pinGroups({ pins = [], indexOfPin }: CompileInput): readonly PinGroup[] {
  const groups = new Map<string | undefined, LockedPin[]>();
  for (const pin of pins) {
    const index = pin.source === undefined ? indexOfPin?.get(nameAndVersion(pin)) : '';
    groups.set(index, [...(groups.get(index) ?? []), pin]);
  }
  return [...groups].map(([index, own]) => ({ index, pins: own }));
}

/**
 * A command that takes packages from one index: it is asked first, and what is there is taken from nowhere else, so that no code runs of whoever
 * publishes a private package's name elsewhere. The default index is whatever this machine has for it. Where the lock file does not say which
 * index had a package, all are equal.
 */
function askingFirst(index: string | undefined, argv: readonly string[]): readonly string[] {
  if (index === undefined) return argv.includes(bestOfAll[1]) ? argv : [...argv, ...bestOfAll];
  const script = `UV_INDEX="${index === '' ? '' : '$0 '}$${hostIndexVariable}" exec "$@"`;
  const plain = argv.filter((word) => !(bestOfAll as readonly string[]).includes(word));
  return ['sh', '-c', script, index === '' ? 'sh' : index, ...plain];
}

function pinLines(pins: readonly LockedPin[]): string {
  return pins
    .map(({ name, version, source, marker }) => {
      const what = source === undefined ? `==${version}` : ` @ ${sourceText(source)}`;
      return `${name}${what}${marker === undefined ? '' : ` ; ${marker}`}\n`;
    })
    .join('');
}

/** Universal means: every platform that a lock pins, with the Python that the image has. */
function environments(pythonVersion: string): string {
  const machines = platforms.map(
    (platform) => `sys_platform == 'linux' and platform_machine == '${machineOf(platform)}'`,
  );
  const python = `python_full_version == '${pythonVersion}' and implementation_name == 'cpython'`;
  return [
    '[tool.uv]',
    `environments = ${JSON.stringify(machines.map((machine) => `${machine} and ${python}`))}`,
    `required-environments = ${JSON.stringify(machines)}`,
    '',
  ].join('\n');
}

// Addresses come by the environment, as a build gets them (withProjectIndex).
function indexArguments(index: IndexOptions): string[] {
  return [
    ...(index.noIndex ? ['--no-index'] : []),
    ...(index.isBestOfAll ? bestOfAll : []),
    ...(index.prereleases ? ['--prerelease', 'allow'] : []),
    ...index.noBinary.flatMap((name) => ['--no-binary', name]),
    ...index.onlyBinary.flatMap((name) => ['--only-binary', name]),
  ];
}
