import { posix } from 'node:path';
import type { Audit, Declaration } from './audit.ts';
import type { Confidence, Edit, Location } from './finding.ts';
import { isAside, type Held } from './held.ts';
import { grouped } from './grouped.ts';
import { markerHolds } from './markers.ts';
import type { Role, Subject } from './reading.ts';
import { agree, namedVersion, verdict, type Verdict } from './versions.ts';

/** A place and how it stands to what its subject is held against. */
export interface Judged {
  readonly subject: Subject;
  readonly place: Declaration;
  readonly held: Held;
  readonly verdict: Verdict;
  readonly sure: Confidence;
}

/** The places of some roles whose value stands in one of those ways to the version held; in the audit's order. */
export function againstHeld(audit: Audit, roles: readonly Role[], verdicts: readonly Verdict[]): readonly Judged[] {
  const judged: Judged[] = [];
  const python = audit.held.get('python')?.version;
  for (const [subject, places] of audit.places) {
    const held = audit.held.get(subject);
    if (held === undefined) continue;
    for (const place of places) {
      if (!roles.includes(place.role) || place.value === undefined) continue;
      // A line for another Python or another system.
      if (python !== undefined && place.condition !== undefined && markerHolds(place.condition, python) === false)
        continue;
      const found = verdict({ scheme: place.scheme, value: place.value }, held.version);
      if (verdicts.includes(found)) judged.push({ subject, place, held, verdict: found, sure: sureness(held) });
    }
  }
  return judged;
}

/** One setting that names the Python (or the Pythons) a tool writes or checks for. */
export interface Target {
  readonly oldest: Declaration;
  readonly newest: Declaration;
  readonly held: Held;
  /** Below, at or above the Python held: negative, 0, positive; of the oldest and of the newest that it names. */
  readonly order: number;
  readonly newestOrder: number;
}

/** The settings of a project that name a target Python; none when nothing but the reference lock says which Python it is. */
export function targets({ places, held }: Audit): readonly Target[] {
  const python = held.get('python');
  if (python === undefined || python.from === 'reference') return [];
  if (python.place !== undefined && isAside(python.place.path)) return [];
  const decided = (places.get('python') ?? []).filter(
    ({ role, value, path }) => role === 'target' && value !== undefined && !isAside(path),
  );
  const order = (place: Declaration): number =>
    agree(place.value ?? '', python.version) ? 0 : byNumbers(place.value ?? '', python.version);
  return [...grouped(decided, ({ path, how }) => `${path}\0${how}`).values()].flatMap((list) => {
    const sorted = list.toSorted((a, b) => order(a) - order(b));
    const [oldest, newest] = [sorted[0], sorted.at(-1)];
    if (oldest === undefined || newest === undefined) return [];
    return [{ oldest, newest, held: python, order: order(oldest), newestOrder: order(newest) }];
  });
}

function byNumbers(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 2; at += 1) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * True when another file that goes with this one says which version a range comes down to: the lock file of its package manager in its
 * folder or above, the compiled requirements beside a `.in`, a constraints file, the package.json whose tool `npx` runs.
 */
export function isPinnedElsewhere({ places }: Audit, place: Declaration): boolean {
  const folder = posix.dirname(place.path);
  return (places.get(place.subject) ?? []).some((other) => {
    if (other === place || other.value === undefined || other.path === place.path) return false;
    const isPin = namedVersion({ scheme: other.scheme, value: other.value }) !== undefined;
    if (other.role === 'locked') {
      const above = posix.dirname(other.path);
      return isManifest(place.path) && (above === '.' || folder === above || folder.startsWith(`${above}/`));
    }
    if (!isPin) return /^npx$|^npm exec$/.test(place.how) && other.path.endsWith('package.json');
    return /constraints?[^/]*$/i.test(other.path) || other.path === place.path.replace(/\.in$/, '.txt');
  });
}

function isManifest(path: string): boolean {
  return /(?:^|\/)(?:pyproject\.toml|package\.json|Pipfile|setup\.(?:cfg|py)|requirements[^/]*)$/.test(path);
}

/** True for the files that tell a CI system what to run. */
export function isCiFile(path: string): boolean {
  return (
    /(?:^|\/)\.github\/(?:workflows|actions)\//.test(path) ||
    /(?:^|\/)(?:action\.ya?ml|\.gitlab-ci[^/]*\.ya?ml|azure-pipelines[^/]*\.ya?ml|\.travis\.yml)$/.test(path) ||
    /(?:^|\/)(?:\.circleci|\.gitlab)\//.test(path)
  );
}

/**
 * Other lock files' versions that are not the one held. A lock file may hold several versions of a package, for several Pythons: one that
 * is right will do. Without a lock of parity's, lock files of two folders are two projects' own.
 */
export function wrongLocks(audit: Audit): readonly Judged[] {
  const key = ({ subject, place }: Judged): string => `${subject}\0${place.path}`;
  const right = new Set(againstHeld(audit, ['locked'], ['same', 'admits']).map(key));
  return againstHeld(audit, ['locked'], ['other', 'excludes']).filter((judged) => {
    const { held, place } = judged;
    const isOwn = held.place === undefined || posix.dirname(held.place.path) === posix.dirname(place.path);
    return isOwn && !right.has(key(judged));
  });
}

/** What parity chose itself is less sure than what a lock says. */
export function sureness(held: Held): Confidence {
  return held.from === 'lock' ? 'high' : 'medium';
}

/** `the lock has 25.9.0`, `most places have 25.9.0 (core/requirements.txt:3)`, `the reference lock has 25.9.0`. */
export function heldWords({ from, version, place }: Held): string {
  switch (from) {
    case 'lock':
      return `the lock has ${version}`;
    case 'reference':
      return `parity's reference lock has ${version}`;
    case 'pins':
      return `${place?.path}:${place?.span.line} has ${version}`;
    default:
      return from satisfies never;
  }
}

/** A declaration's place in a finding. */
export function placeOf({ path, span, said, how }: Declaration): Location {
  return { path, span, said, note: how };
}

/** The next step for a place that disagrees with what is held; `isFixable` when `--fix` can rewrite it. */
export function hintFor(held: Held, place: Declaration, isFixable: boolean): string {
  if (held.from === 'lock' && place.path.endsWith('parity.yaml'))
    return 'parity lock   moves the lock to what parity.yaml says';
  const rewrite = isFixable ? `parity doctor --fix   makes it ${held.version}` : `make it admit ${held.version}`;
  if (held.from === 'lock') return `${rewrite}; the other way round: change parity.yaml, then parity lock`;
  if (isWanted(held)) return `${rewrite}; the other way round: change parity.yaml`;
  return 'say in parity.yaml which is right (parity init writes one): parity doctor --fix then rewrites the others';
}

/** True for what people said on purpose: the lock, or parity.yaml; anything else parity chose by counting. */
export function isWanted({ from, place }: Held): boolean {
  return from === 'lock' || place?.path.endsWith('parity.yaml') === true;
}

/**
 * The edit that makes a place say the version, keeping how it says it: `==25.1.0` becomes `==25.9.0`, `v24.1.0` keeps its v, `3.12`
 * becomes `3.11`. An empty object where that is not certain: ranges, conditions, parity.yaml itself (there the lock moves), and a version that
 * nobody asked for on purpose.
 */
export function replaceBy(place: Declaration, held: Held): { readonly fix?: Edit } {
  const { version } = held;
  if (!isWanted(held)) return {};
  if (place.path.endsWith('parity.yaml') || place.condition !== undefined) return {};
  const { path, span, said } = place;
  const form = /^(?<before>\s*(?:={2,3}\s*)?v?)(?<version>\d+(?:\.\w+)*)(?<after>\s*)$/.exec(said)?.groups;
  const written = form?.['version'] ?? '';
  const meant = place.value?.replace(/^={2,3}/, '') ?? '';
  if (form === undefined || (written !== meant && written !== meant.replace('.', ''))) return {};
  // As precise as it was: `3.12` becomes `3.11`, not `3.11.2`; and in the same form: the `312` of py312 becomes `311`.
  const parts = meant.split('.').length;
  const precise = place.scheme === 'prefix' ? version.split('.').slice(0, parts).join('.') : version;
  const replacement = written === meant ? precise : precise.replace('.', '');
  return { fix: { path, span, said, replacement: `${form['before']}${replacement}${form['after']}` } };
}
