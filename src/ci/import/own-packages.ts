import { posix } from 'node:path';
import type { BuildConfig } from '../../config/config.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { inFolder } from '../../config/detect/repo.ts';
import { lockSource } from '../../config/lock-source.ts';
import { includedBy, plainRequirement, requirementsLines } from '../../formats/requirements-file.ts';
import { tableAt } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { CiPlace } from '../decided-pipeline.ts';
import type { Install, InstalledAs, PlacedInstall } from './install.ts';

/** What says how the repository's own packages are installed. */
export interface OwnPackagesFacts {
  readonly installs: readonly PlacedInstall[];
  /** Those of them that take what a lock file holds. */
  readonly locked: readonly PlacedInstall[];
  /** The requirement sources that the toolchain gets; relative to the project. */
  readonly sources: readonly string[];
  /** The jobs that run tests. */
  readonly testing: ReadonlySet<string>;
  readonly readText: (path: string) => string | undefined;
  /** The project's folder, relative to the repository's top. */
  readonly prefix: string;
}

/** What an import makes of that. */
export interface OwnPackages {
  /** Absent where it is as it would be without CI. */
  readonly build?: BuildConfig;
  readonly decisions: readonly Decision[];
}

/** A package that CI installs by its folder. */
interface Wanted {
  readonly own: InstalledAs;
  readonly place: CiPlace;
  readonly job: string;
}

/**
 * Which of the repository's packages CI installs, and which of them as their wheels. An environment holds a package once: of jobs that
 * install it differently, those that run tests decide, and of these one that installs it editable. Pure but for `readText`.
 */
export function ownPackages(facts: OwnPackagesFacts): OwnPackages {
  if (facts.installs.some(({ install }) => isUnclear(install))) return { decisions: [] };
  const decisions: Decision[] = [];
  const wanted = new Map<string, Wanted>();
  for (const [folder, all] of wishes(facts)) {
    const chosen = chooseWish(all, facts.testing);
    wanted.set(folder, chosen);
    const other = all.find(({ own }) => own !== chosen.own);
    if (other !== undefined)
      decisions.push(
        decision(
          folder === '.' ? 'the project' : folder,
          chosen.own === 'wheel' ? 'installed as its wheel' : 'installed editable',
          `as job ${chosen.job} does it; ${placeText(other.place)}: job ${other.job} installs it ${other.own === 'wheel' ? 'as its wheel' : 'editable'}`,
        ),
      );
  }
  const folders = [...wanted].filter(([, { own }]) => own === 'wheel');
  const wheels = folders.map(([folder]) => folder);
  const projects = listedProjects(facts, [...wanted.keys()]);
  if (wheels.length === 0 && projects === undefined) return { decisions };
  const places = folders.map(([, { place }]) => placeText(place));
  if (projects !== undefined)
    decisions.push(ofBuild('projects', projects, projects.length === 0 ? 'CI installs none' : 'what CI installs'));
  if (wheels.length > 0) decisions.push(ofBuild('wheels', wheels, `${[...new Set(places)].join(', ')}: without -e`));
  return {
    build: {
      network: 'none',
      ...(projects === undefined ? {} : { projects }),
      ...(wheels.length === 0 ? {} : { wheels }),
    },
    decisions,
  };
}

function ofBuild(key: string, folders: readonly string[], why: string): Decision {
  const choice = folders.length === 0 ? 'none' : folders.join(', ');
  return { ...decision(`build.${key}`, choice, why), kind: 'toolchain' };
}

function placeText({ file, span }: CiPlace): string {
  return `${file}:${span.line}`;
}

/** Whether it may install a package of the repository in a way that only running it would tell. */
function isUnclear({ byManager, lock, onlyRuns, refused }: Install): boolean {
  if (byManager && lock === undefined && onlyRuns !== true) return true;
  return refused.some(({ why }) => why === 'a file that a build makes' || why === 'only running tells what it is');
}

/** What CI's commands install by a folder of the project, in their order; a lock file says itself what is installed of it. */
function wishes(facts: OwnPackagesFacts): ReadonlyMap<string, readonly Wanted[]> {
  const found = new Map<string, Wanted[]>();
  for (const placed of facts.installs) {
    if (facts.locked.includes(placed)) continue;
    for (const { dir, own } of placed.install.projects) {
      const folder = inProject(dir, facts.prefix);
      if (own === undefined || folder === undefined || !isPackage(folder, facts, placed.install)) continue;
      const all = found.get(folder) ?? [];
      // In one job the last one counts.
      found.set(folder, [
        ...all.filter(({ job }) => job !== placed.job),
        { own, place: placed.place, job: placed.job },
      ]);
    }
  }
  return found;
}

function chooseWish(all: readonly Wanted[], testing: ReadonlySet<string>): Wanted {
  const tested = all.filter(({ job }) => testing.has(job));
  const candidates = tested.length > 0 ? tested : all;
  return candidates.find(({ own }) => own === 'editable') ?? (candidates[0] as Wanted);
}

/** pip builds what has metadata or a setup.py; uv installs a project only if it says that it is a package. */
function isPackage(folder: string, facts: OwnPackagesFacts, { lock }: Install): boolean {
  if (lock !== undefined) return isDeclared(folder, facts);
  return ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => textIn(folder, name, facts) !== undefined);
}

function isDeclared(folder: string, facts: OwnPackagesFacts): boolean {
  const table = tomlTable(textIn(folder, 'pyproject.toml', facts));
  const says = tableAt(table, 'tool', 'uv')?.['package'];
  if (says === false || tableAt(table, 'tool', 'poetry')?.['package-mode'] === false) return false;
  return says === true || tableAt(table, 'build-system') !== undefined;
}

/** The list of packages, where it is not the one that the requirement sources come to by themselves. */
function listedProjects(facts: OwnPackagesFacts, wanted: readonly string[]): readonly string[] | undefined {
  const locks = facts.sources.flatMap((source) => lockSource(source) ?? []);
  // Which of its own packages a lock file's tool installs is read with the lock file.
  if (locks.some(({ file }) => hasLocalPackages(textIn('.', file, facts) ?? ''))) return undefined;
  const fromFiles = facts.sources.flatMap((source) => packagesIn(source, facts));
  const unasked = facts.sources.flatMap((source) => {
    const [, folder = ''] =
      /^(.*?)(?:pyproject\.toml(?:\[[^\]]*\])?|setup\.(?:cfg|py)(?:\[[^\]]*\])?)$/.exec(source) ?? [];
    const path = folder === '' ? '.' : folder.replace(/\/$/, '');
    const isLegacy = /setup\.(?:cfg|py)/.test(source);
    return /(?:pyproject\.toml|setup\.(?:cfg|py))(?:\[|$)/.test(source) && (isLegacy || isDeclared(path, facts))
      ? [path]
      : [];
  });
  const isDecided = locks.some(({ file, tool }) => !file.includes('/') && /^(?:uv|poetry|pdm)$/.test(tool));
  const own = !isDecided && isDeclared('.', facts) ? ['.'] : [];
  const byItself = new Set([...unasked, ...own, ...fromFiles]);
  const asked = new Set([...wanted, ...fromFiles]);
  const isSame = byItself.size === asked.size && [...asked].every((folder) => byItself.has(folder));
  return isSame || isDecided ? undefined : [...asked];
}

function hasLocalPackages(text: string): boolean {
  return /^source = \{ (?:editable|directory) = "(?!\.")|^type = "directory"$|^path = "|"path": "|\bdirectory = \{/m.test(
    text,
  );
}

/** The folders of the project that a requirements file installs, with those of the files that it includes. */
function packagesIn(source: string, facts: OwnPackagesFacts, trail: readonly string[] = []): readonly string[] {
  if (source.startsWith('-c ') || /\.toml\b|\.lock\b|setup\.(?:py|cfg)/.test(source) || trail.includes(source))
    return [];
  const text = textIn('.', source, facts);
  return requirementsLines(text ?? '').flatMap((line) => {
    if (line.kind === 'option' && includedBy(line) === 'requirements') {
      const path = line.value.text.split(/\s/, 1)[0] ?? '';
      return packagesIn(posix.join(posix.dirname(source), path), facts, [...trail, source]);
    }
    const isEditable = line.kind === 'option' && /^(?:-e|--editable)$/.test(line.name);
    if (line.kind === 'option' && !isEditable) return [];
    const said = line.kind === 'option' ? line.value.text : plainRequirement(line).text;
    const path = said
      .replace(/\s*;.*$/, '')
      .replace(/\[[^\]]*\]$/, '')
      .replace(/^file:/, '');
    if (!/^\.{1,2}(?:\/|$)|^[^@:]+\//.test(path)) return [];
    const places = [posix.normalize(path), posix.join(posix.dirname(source), path)];
    const found = places
      .map((place) => place.replace(/\/$/, ''))
      .find((place) =>
        ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => textIn(place, name, facts) !== undefined),
      );
    return found === undefined ? [] : [found];
  });
}

function textIn(folder: string, name: string, { prefix, readText }: OwnPackagesFacts): string | undefined {
  return readText(inFolder(prefix, inFolder(folder, name)));
}

/** A folder of the repository relative to the project; undefined for one outside. */
function inProject(dir: string, prefix: string): string | undefined {
  const path = posix.relative(prefix, dir);
  return path.startsWith('..') ? undefined : path || '.';
}
