import { posix } from 'node:path';
import type { Audit } from './audit.ts';
import type { Confidence, Edit, Location } from './finding.ts';
import { isExampleOrTestPath, type Baseline } from './baseline.ts';
import { groupBy } from './group-by.ts';
import { markerHolds } from './markers.ts';
import type { LocatedDeclaration, Role, Subject } from './declaration.ts';
import { agree, isPackage, namedVersion, verdict, type Verdict } from './versions.ts';

/** A declaration compared with its subject's baseline. */
export interface BaselineComparison {
  readonly subject: Subject;
  readonly place: LocatedDeclaration;
  readonly baseline: Baseline;
  readonly verdict: Verdict;
  readonly confidence: Confidence;
}

/** The places of some roles whose comparison with the baseline gives one of these verdicts; in the audit's order. */
export function compareToBaseline(
  audit: Audit,
  roles: readonly Role[],
  verdicts: readonly Verdict[],
): readonly BaselineComparison[] {
  const comparisons: BaselineComparison[] = [];
  const python = audit.baselines.get('python')?.version;
  for (const [subject, places] of audit.places) {
    const baseline = audit.baselines.get(subject);
    if (baseline === undefined) continue;
    for (const place of places) {
      if (!roles.includes(place.role) || place.value === undefined) continue;
      // A line for another Python or another system.
      if (python !== undefined && place.condition !== undefined && markerHolds(place.condition, python) === false)
        continue;
      const said = { scheme: place.scheme, value: place.value };
      const isWhole = isPackage(subject);
      const found = verdict(said, baseline.version, { isWhole });
      // It may speak of a toolchain with a name: then it is right.
      const fits = baseline.others?.some((version) => isRight(verdict(said, version, { isWhole }))) === true;
      if (fits && !isRight(found)) continue;
      if (verdicts.includes(found))
        comparisons.push({ subject, place, baseline, verdict: found, confidence: confidenceIn(baseline) });
    }
  }
  return comparisons;
}

function isRight(found: Verdict): boolean {
  return found === 'same' || found === 'admits';
}

/** One setting that names the Python (or the Pythons) a tool writes or checks for. */
export interface TargetSetting {
  readonly oldest: LocatedDeclaration;
  readonly newest: LocatedDeclaration;
  readonly baseline: Baseline;
  /** Below, at or above the baseline's Python: negative, 0, positive; of the oldest and of the newest that it names. */
  readonly order: number;
  readonly newestOrder: number;
}

/** The settings of a project that name a target Python; none when nothing but the reference lock says which Python it is. */
export function targetSettings({ places, baselines }: Audit): readonly TargetSetting[] {
  const python = baselines.get('python');
  if (python === undefined || python.from === 'reference') return [];
  if (python.place !== undefined && isExampleOrTestPath(python.place.path)) return [];
  const decided = (places.get('python') ?? []).filter(
    ({ role, value, path }) => role === 'target' && value !== undefined && !isExampleOrTestPath(path),
  );
  const order = (place: LocatedDeclaration): number =>
    agree(place.value ?? '', python.version) ? 0 : byNumbers(place.value ?? '', python.version);
  return [...groupBy(decided, ({ path, how }) => `${path}\0${how}`).values()].flatMap((list) => {
    const sorted = list.toSorted((a, b) => order(a) - order(b));
    const [oldest, newest] = [sorted[0], sorted.at(-1)];
    if (oldest === undefined || newest === undefined) return [];
    return [{ oldest, newest, baseline: python, order: order(oldest), newestOrder: order(newest) }];
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
export function isPinnedElsewhere({ places }: Audit, place: LocatedDeclaration): boolean {
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
 * Other lock files' versions that are not the baseline's. A lock file may hold several versions of a package, for several Pythons: one that
 * is right will do. Without a lock of parity's, lock files of two folders are two projects' own.
 */
export function wrongLocks(audit: Audit): readonly BaselineComparison[] {
  const key = ({ subject, place }: BaselineComparison): string => `${subject}\0${place.path}`;
  const right = new Set(compareToBaseline(audit, ['locked'], ['same', 'admits']).map(key));
  return compareToBaseline(audit, ['locked'], ['other', 'excludes']).filter((comparison) => {
    const { baseline, place } = comparison;
    const isOwn = baseline.place === undefined || posix.dirname(baseline.place.path) === posix.dirname(place.path);
    return isOwn && !right.has(key(comparison));
  });
}

/** What parity chose itself is less sure than what a lock says. */
export function confidenceIn(baseline: Baseline): Confidence {
  return baseline.from === 'lock' ? 'high' : 'medium';
}

/** `the lock has 25.9.0`, `most places have 25.9.0 (core/requirements.txt:3)`, `the reference lock has 25.9.0`. */
export function describeBaseline({ from, version, place }: Baseline): string {
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
export function locationOf({ path, span, raw, how }: LocatedDeclaration): Location {
  return { path, span, raw, note: how };
}

/** The next step for a place that disagrees with its baseline; `isFixable` when `--fix` can rewrite it. */
export function hintFor(baseline: Baseline, place: LocatedDeclaration, isFixable: boolean): string {
  if (baseline.from === 'lock' && place.path.endsWith('parity.yaml'))
    return 'parity lock   moves the lock to what parity.yaml says';
  if (baseline.from === 'lock' && choosesManager(place))
    return `parity lock   moves the lock to what package.json says, where ${place.subject.replace('npm:', 'toolchain.')} of parity.yaml says nothing else`;
  const rewrite = isFixable
    ? `parity doctor --fix   makes it ${baseline.version}`
    : `make it admit ${baseline.version}`;
  if (baseline.from === 'lock') return `${rewrite}; the other way round: change parity.yaml, then parity lock`;
  if (isExplicit(baseline)) return `${rewrite}; the other way round: change parity.yaml`;
  return 'say in parity.yaml which is right (parity init writes one): parity doctor --fix then rewrites the others';
}

/** True for what people said on purpose: the lock, or parity.yaml; anything else parity chose by counting. */
export function isExplicit({ from, place }: Baseline): boolean {
  return from === 'lock' || place?.path.endsWith('parity.yaml') === true;
}

/** True for the keys of package.json by which a lock's package managers are chosen: the lock follows them. */
function choosesManager({ subject, path, how }: LocatedDeclaration): boolean {
  return (
    /^npm:(?:npm|pnpm|yarn|bun)$/.test(subject) &&
    path.endsWith('package.json') &&
    /^(?:packageManager|devEngines\.|volta\.|engines\.)/.test(how)
  );
}

/**
 * The edit that makes a place say the version, keeping how it says it: `==25.1.0` becomes `==25.9.0`, `v24.1.0` keeps its v, `3.12`
 * becomes `3.11`. An empty object where that is not certain: ranges, conditions, parity.yaml and what chooses a package manager (there the lock
 * moves), and a version that nobody asked for on purpose.
 */
export function fixTo(place: LocatedDeclaration, baseline: Baseline): { readonly fix?: Edit } {
  const { version } = baseline;
  if (!isExplicit(baseline)) return {};
  if (place.path.endsWith('parity.yaml') || choosesManager(place) || place.condition !== undefined) return {};
  const { path, span, raw } = place;
  const form = /^(?<before>\s*(?:={2,3}\s*)?v?)(?<version>\d+(?:\.\w+)*)(?<after>\s*)$/.exec(raw)?.groups;
  const written = form?.['version'] ?? '';
  const meant = place.value?.replace(/^={2,3}/, '') ?? '';
  if (form === undefined || (written !== meant && written !== meant.replace('.', ''))) return {};
  // As precise as it was: `3.12` becomes `3.11`, not `3.11.2`; and in the same form: the `312` of py312 becomes `311`.
  const parts = meant.split('.').length;
  const precise = place.scheme === 'prefix' ? version.split('.').slice(0, parts).join('.') : version;
  const replacement = written === meant ? precise : precise.replace('.', '');
  return { fix: { path, span, raw, replacement: `${form['before']}${replacement}${form['after']}` } };
}
