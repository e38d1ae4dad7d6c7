import { admits, parseRequirement } from '../../config/detect/requirement.ts';
import { evaluateMarker } from '../../formats/evaluate-marker.ts';
import { textsOf } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { LeftOut } from '../decided-pipeline.ts';
import type { LockInstall, PlacedInstall } from './install.ts';
import { lockOf } from './job-requirements.ts';

/** Where the lock files are, and for which Python. */
export interface OverLockFacts {
  /** The Python that was chosen: `3.11`. */
  readonly python: string;
  readonly readText: (path: string) => string | undefined;
}

/**
 * What a job installs by hand over what uv.lock holds, as the machine of CI has it in the end. A `uv run` or `uv sync` after it puts back what the
 * lock file holds, so the line goes. Else the package is the line's: the lock file is installed without it.
 */
export function installsOverLocks(
  installs: readonly PlacedInstall[],
  { python, readText }: OverLockFacts,
): { readonly installs: readonly PlacedInstall[]; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const held = heldVersions(readText, python);
  const without = new Map<string, Set<string>>();
  const kept = installs.map((each, at): PlacedInstall => {
    const { install, job, place } = each;
    if (install.tools.length === 0) return each;
    const before = installs.slice(0, at + 1).findLast((one) => one.job === job && isUv(one.install.lock));
    const lock = before?.install.lock;
    if (lock === undefined) return each;
    const isPutBack = installs.slice(at + 1).some((one) => one.job === job && isUv(one.install.lock));
    const tools = install.tools.filter((said) => {
      const { name, specifier } = parseRequirement(said) ?? { name: '', specifier: '' };
      const version = held(lock, name);
      if (version === undefined || admits(specifier, version)) return true;
      // What `uv run --with` adds lies over the environment, whatever that has.
      if (isPutBack && before !== each) {
        const why = `a later command of uv puts ${name} ${version} back, which its lock file holds`;
        leftOut.push({ place, what: `install of ${said} of job ${job}`, why });
        return false;
      }
      const key = keyOf(job, lock);
      without.set(key, (without.get(key) ?? new Set()).add(name));
      return true;
    });
    return tools.length === install.tools.length ? each : { ...each, install: { ...install, tools } };
  });
  return { installs: kept.map((each) => leavingOut(each, without)), leftOut };
}

/** An install from a lock file, without what its job installs over it. */
function leavingOut(each: PlacedInstall, without: ReadonlyMap<string, ReadonlySet<string>>): PlacedInstall {
  const { lock } = each.install;
  const names = lock === undefined ? undefined : without.get(keyOf(each.job, lock));
  if (lock === undefined || names === undefined) return each;
  const options = [...lock.options, ...[...names].toSorted().flatMap((name) => ['--no-install-package', name])];
  return { ...each, install: { ...each.install, lock: { ...lock, options } } };
}

function isUv(lock: LockInstall | undefined): boolean {
  return lock?.tool === 'uv';
}

function keyOf(job: string, { dir }: LockInstall): string {
  return `${job}\n${dir}`;
}

/** Gives the version of a package that a uv.lock installs on a Python; undefined for one that it does not hold, or that it says otherwise. */
function heldVersions(
  readText: OverLockFacts['readText'],
  python: string,
): (lock: LockInstall, name: string) => string | undefined {
  const read = new Map<string, ReadonlyMap<string, string>>();
  const values = { python_version: python, python_full_version: `${python}.99`, sys_platform: 'linux' };
  const environment = { values, extras: new Set<string>(), groups: new Set<string>() };
  const versionsIn = (text: string): ReadonlyMap<string, string> => {
    const packages = tomlTable(text)?.['package'];
    const tables = (Array.isArray(packages) ? packages : []) as readonly Readonly<Record<string, unknown>>[];
    return new Map(
      tables.flatMap(({ name, version, 'resolution-markers': markers }): [string, string][] => {
        const here = textsOf(markers);
        const isHere = here.length === 0 || here.some((marker) => evaluateMarker(marker, environment) !== false);
        return typeof name === 'string' && typeof version === 'string' && isHere ? [[name, version]] : [];
      }),
    );
  };
  return (lock, name) => {
    const found = lockOf(lock, readText);
    if (found === undefined || name === '') return undefined;
    const versions = read.get(found.file) ?? versionsIn(found.text);
    read.set(found.file, versions);
    return versions.get(name);
  };
}
