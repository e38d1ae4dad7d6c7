import { posix } from 'node:path';
import { lockHolds } from '../../config/detect/lock-sources.ts';
import { admits, parseRequirement, parseRequirementsFile } from '../../config/detect/requirement.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { tableAt, textsOf } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { InstalledFolder, LockInstall } from './install.ts';
import type { PlacedInstall } from './install.ts';

/** One thing that a job says of a package when it installs it. */
export interface JobRequirement {
  /** Normalised. */
  readonly name: string;
  /** `==1.2`, `>=2,<3`; empty for any version. */
  readonly specifier: string;
  /** `requirements.txt:3`, or CI's own line. */
  readonly place: string;
  /** It stands in the install command itself, which gets the newest version that its words allow. */
  readonly isByHand: boolean;
}

/** What a job installs of Python's, as far as files and commands say it. */
export interface JobRequirements {
  readonly said: readonly JobRequirement[];
  /** The texts of lock files that it installs from. */
  readonly locks: readonly JobLock[];
}

/** A lock file that a job installs from. */
export interface JobLock {
  readonly file: string;
  readonly text: string;
  /** Packages that it does not take from there, since it installs another version over it. Normalised. */
  readonly without: readonly string[];
}

/** Reads what installs of one job ask for. */
export function jobRequirements(
  installs: readonly PlacedInstall[],
  readText: (path: string) => string | undefined,
): JobRequirements {
  const said = installs.flatMap(({ install, place }): readonly JobRequirement[] => {
    const here = `${place.file}:${place.span.line}`;
    return [
      ...install.tools.flatMap((line) => fromLine(line, here, true)),
      ...install.files.flatMap((file) => fromFile(file, readText)),
      ...install.projects.flatMap((project) => fromProject(project, readText)),
    ];
  });
  const locks = installs.flatMap(({ install: { lock } }) => (lock === undefined ? [] : some(lockOf(lock, readText))));
  return { said, locks };
}

/** Where two jobs can't have one environment that gives each what CI gives it; undefined when they can. */
export function contradiction(a: JobRequirements, b: JobRequirements, used: ReadonlySet<string>): string | undefined {
  return between(a, b, used) ?? between(b, a, used) ?? installedOver(a, b) ?? installedOver(b, a);
}

/** A package of a lock file that one job has in another version, and the other as it is locked. */
function installedOver(one: JobRequirements, other: JobRequirements): string | undefined {
  for (const { file, without } of one.locks)
    for (const name of without) {
      const isHeld = other.locks.some((lock) => lock.file === file && !lock.without.includes(name));
      const said = one.said.find((each) => each.name === name && each.isByHand);
      if (isHeld) return `${said?.place ?? ''} installs ${name}${said?.specifier ?? ''} over ${file}`;
    }
  return undefined;
}

function between(one: JobRequirements, other: JobRequirements, used: ReadonlySet<string>): string | undefined {
  for (const want of one.said) {
    const own = one.said.filter(({ name }) => name === want.name);
    const theirs = other.said.filter(({ name }) => name === want.name);
    const clash = theirs.find(({ specifier }) => areApart(want.specifier, specifier));
    if (clash !== undefined)
      return `${want.place} installs ${want.name}${want.specifier}, ${clash.place} ${clash.name}${clash.specifier}`;
    // The newest version by hand, where others hold it back: it matters to who runs it.
    const isNewest = want.isByHand && used.has(want.name) && own.every(({ specifier }) => !holdsBack(specifier));
    if (!isNewest || own.some((each) => one.locks.some(({ text }) => lockHolds(text, each.name)))) continue;
    const back = theirs.find(({ specifier }) => holdsBack(specifier));
    if (back !== undefined)
      return `${want.place} installs the newest ${want.name}, ${back.place} ${back.name}${back.specifier}`;
    const lock = other.locks.find(({ text }) => lockHolds(text, want.name));
    if (lock !== undefined) return `${want.place} installs the newest ${want.name}, ${lock.file} has one of its own`;
  }
  return undefined;
}

function holdsBack(specifier: string): boolean {
  return /(?:^|,)\s*(?:={2,3}|~=|<=?)/.test(specifier);
}

/** Whether no version satisfies both: tried with each version that they name, and what lies beside it. */
function areApart(a: string, b: string): boolean {
  if (a === '' || b === '') return false;
  const named = [...`${a},${b}`.matchAll(/\d[\w.]*/g)].map(([version]) => version);
  const tried = ['0', '99999', ...named.flatMap((version) => [version, `${version}.0.1`])];
  return !tried.some((version) => admits(a, version) && admits(b, version));
}

function fromLine(line: string, place: string, isByHand: boolean): readonly JobRequirement[] {
  const found = parseRequirement(line);
  return found === undefined || found.text.includes(';')
    ? []
    : [{ name: found.name, specifier: found.specifier, place, isByHand }];
}

function fromFile(
  file: string,
  readText: (path: string) => string | undefined,
  trail: readonly string[] = [],
): readonly JobRequirement[] {
  const text = readText(file);
  if (text === undefined || trail.includes(file)) return [];
  const { requirements, includes } = parseRequirementsFile(text);
  return [
    ...requirements.flatMap(({ name, specifier, marker, line }) =>
      marker === undefined ? [{ name, specifier, place: `${file}:${line}`, isByHand: false }] : [],
    ),
    ...includes.flatMap((path) => fromFile(posix.join(posix.dirname(file), path), readText, [...trail, file])),
  ];
}

function fromProject(
  { dir, extras, allExtras, groups, allGroups, defaultGroups }: InstalledFolder,
  readText: (path: string) => string | undefined,
): readonly JobRequirement[] {
  const file = posix.join(dir, 'pyproject.toml');
  const table = tomlTable(readText(file));
  const project = tableAt(table, 'project');
  const optional = tableAt(project, 'optional-dependencies') ?? {};
  const all = tableAt(table, 'dependency-groups') ?? {};
  const isWanted = (wanted: readonly string[]) => (name: string) =>
    wanted.some((each) => normalisedName(each) === normalisedName(name));
  const named = [...groups, ...(defaultGroups ? ['dev'] : [])];
  const lines = [
    ...textsOf(project?.['dependencies']),
    ...Object.keys(optional)
      .filter((name) => allExtras || isWanted(extras)(name))
      .flatMap((name) => textsOf(optional[name])),
    ...Object.keys(all)
      .filter((name) => allGroups || isWanted(named)(name))
      .flatMap((name) => textsOf(all[name])),
  ];
  return lines.flatMap((line) => fromLine(line, file, false));
}

/** The lock file that an install of its tool finds: in its folder, or in one above. */
export function lockOf(
  { tool, dir, options }: LockInstall,
  readText: (path: string) => string | undefined,
): JobLock | undefined {
  const name = { pipenv: 'Pipfile.lock', pylock: 'pylock.toml' }[tool as 'pipenv' | 'pylock'] ?? `${tool}.lock`;
  const without = options.flatMap((option, at) =>
    option === '--no-install-package' ? (options[at + 1] ?? '').split(',').map(normalisedName) : [],
  );
  for (let folder = dir; ; folder = posix.dirname(folder)) {
    const file = posix.join(folder, name);
    const text = readText(file);
    if (text !== undefined) return { file, text, without };
    if (folder === '.' || folder === '/') return undefined;
  }
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
