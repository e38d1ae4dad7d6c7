import type { Lock } from '../lock/lock.ts';
import type { LocatedDeclaration, Subject } from './declaration.ts';
import { isDeciding } from './tools.ts';
import { agree, isPackage, namedVersion, verdict } from './versions.ts';

/** The version that a subject's declarations are compared with, and where it comes from. */
export interface Baseline {
  /** Whole, or the beginning of one (`3.11`) when no place says more. */
  readonly version: string;
  /** What other toolchains of the lock have, where that is another version; absent = nothing. */
  readonly others?: readonly string[];
  /** `lock`: parity.lock.json; `pins`: the pin that most places of the repository share; `reference`: parity's own lock. */
  readonly from: 'lock' | 'pins' | 'reference';
  /** The most authoritative place that says so; absent for `lock` and `reference`. */
  readonly place?: LocatedDeclaration;
}

/**
 * The baseline of every subject: the lock; for what no lock holds and what decides a check, the repository's own pins; else, in
 * a repository without a lock, parity's reference lock, unless the repository's own ranges refuse it.
 */
export function findBaselines(
  places: ReadonlyMap<Subject, readonly LocatedDeclaration[]>,
  {
    locks,
    reference,
  }: {
    /** Of each toolchain, the default one first; empty without a lock. */
    readonly locks: readonly Lock[];
    readonly reference: ReadonlyMap<Subject, string>;
  },
): ReadonlyMap<Subject, Baseline> {
  const baselines = new Map<Subject, Baseline>();
  for (const [subject, declarations] of places) {
    const [locked, ...others] = [...new Set(locks.flatMap((lock) => lockedVersion(lock, subject) ?? []))];
    const referenceVersion = reference.get(subject);
    if (locked !== undefined)
      baselines.set(subject, { version: locked, from: 'lock', ...(others.length === 0 ? {} : { others }) });
    else if (isDeciding(subject) || referenceVersion !== undefined) {
      const pinned = pinnedVersion(declarations);
      if (pinned !== undefined) baselines.set(subject, pinned);
      else if (locks.length === 0 && referenceVersion !== undefined && !excludesVersion(declarations, referenceVersion))
        baselines.set(subject, { version: referenceVersion, from: 'reference' });
    }
  }
  return baselines;
}

function excludesVersion(places: readonly LocatedDeclaration[], version: string): boolean {
  return places.some(
    ({ subject, value, scheme, role }) =>
      value !== undefined &&
      role !== 'support' &&
      role !== 'target' &&
      verdict({ scheme, value }, version, { isWhole: isPackage(subject) }) === 'excludes',
  );
}

/** What a lock holds for a subject; undefined when it does not have it. */
export function lockedVersion(lock: Lock, subject: Subject): string | undefined {
  if (subject === 'python') return lock.python.version;
  if (subject === 'node') return lock.node?.version;
  if (subject === 'npm:npm') return lock.node?.npm.version;
  if (subject === 'npm:pnpm') return lock.node?.managers?.pnpm?.version;
  if (subject === 'npm:yarn') return lock.node?.managers?.yarn?.version;
  if (subject === 'npm:bun') return lock.node?.managers?.bun?.version;
  if (!subject.startsWith('pypi:')) return undefined;
  const versions = lock.python.packages.filter(({ name }) => `pypi:${name}` === subject);
  // One that depends on the platform or the Python has no single version.
  return versions.length === 1 ? versions[0]?.version : undefined;
}

/**
 * The version that most places of a repository pin, for a subject that no lock holds: the exact pins and the beginnings of versions
 * (`3.11`) are counted by file; on a tie the more authoritative place wins. Undefined when nothing pins it.
 */
export function pinnedVersion(places: readonly LocatedDeclaration[]): Baseline | undefined {
  const pins = places.flatMap((place) => {
    if ((place.role !== 'install' && place.role !== 'locked') || place.value === undefined) return [];
    const version = namedVersion({ scheme: place.scheme, value: place.value });
    return version === undefined ? [] : [{ version, place }];
  });
  // What people wrote for parity is what they want, however many others say something else.
  const wanted = pins.find(({ place }) => /(?:^|\/)parity\.yaml$/.test(place.path));
  if (wanted !== undefined) return { ...wanted, from: 'pins' };
  const files = (version: string): number =>
    new Set(pins.filter((pin) => agree(pin.version, version)).map(({ place }) => place.path)).size;
  // The first of each version is its most authoritative place.
  const ranked = [
    ...new Map(
      pins.toSorted((a, b) => authority(b.place) - authority(a.place)).map((pin) => [pin.version, pin]),
    ).values(),
  ].toSorted((a, b) => files(b.version) - files(a.version) || authority(a.place) - authority(b.place));
  const [first] = ranked;
  if (first === undefined) return undefined;
  // `3.11` in most places and `3.11.4` in one: what says more is no disagreement, and is the better pin.
  const refined = ranked.find(({ version }) => version.startsWith(`${first.version}.`)) ?? first;
  return { ...refined, from: 'pins' };
}

const authorities: readonly RegExp[] = [
  /(?:^|\/)parity\.yaml$/,
  /(?:^|\/)(?:uv\.lock|poetry\.lock|pdm\.lock|pylock[^/]*\.toml|Pipfile\.lock|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock)$/,
  /(?:^|\/)(?:\.python-version|\.nvmrc|\.node-version|\.tool-versions|\.?mise\.toml)$/,
  /(?:^|\/)(?:pyproject\.toml|Pipfile|package\.json|[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in)|requirements\/[^/]+\.(?:txt|in))$/,
  /(?:^|\/)(?:\.github\/|\.gitlab-ci\.yml$)/,
  /(?:^|\/)\.pre-commit-config\.yaml$/,
];

/** Smaller is more authoritative: parity.yaml, lock files, version files, manifests, CI, hooks, then the rest; then what lies higher up. */
export function authority({ path }: LocatedDeclaration): number {
  const rank = authorities.findIndex((pattern) => pattern.test(path));
  return (
    (isExampleOrTestPath(path) ? 1000 : 0) +
    (rank < 0 ? authorities.length : rank) * 100 +
    Math.min(path.split('/').length, 99)
  );
}

/** True in folders of examples, documentation, tests and benchmarks: what stands there speaks for itself, not for the repository. */
export function isExampleOrTestPath(path: string): boolean {
  return /(?:^|\/)(?:examples?|samples?|demos?|docs?|tests?|testing|benchmarks?|\.binder)\//.test(path);
}
