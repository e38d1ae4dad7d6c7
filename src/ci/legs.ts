import type { DecideFacts, DecidedVersion } from './decided-pipeline.ts';
import { nearest, nodeMajor, pythonMinor } from './versions.ts';

/** One leg of a matrix: its axes' values by name. */
export type Leg = Readonly<Record<string, unknown>>;

/** What chooses among legs. */
export interface LegFacts<T extends Leg> extends Pick<DecideFacts, 'wantedPython' | 'wantedNode'> {
  /** The Python and the Node that a leg sets up. */
  readonly versions: (leg: T) => { readonly python?: DecidedVersion; readonly node?: DecidedVersion };
  /** True for an axis that the job's scripts name. */
  readonly isUsed: (axis: string) => boolean;
}

/**
 * The legs that are carried over. A toolchain has one Python: of the axes that choose where a job runs (versions, systems) the leg nearest to
 * what is wanted counts. An axis that chooses what runs (`session: [lint, tests]`) has different commands on each leg, so all of them count.
 */
export function chooseLegs<T extends Leg>(
  legs: readonly T[],
  facts: LegFacts<T>,
): {
  readonly kept: readonly T[];
  readonly others: readonly T[];
  /** The nearest of all; undefined when there is no leg. */
  readonly best: T | undefined;
  readonly nameOf: (leg: T) => string;
} {
  const pythonOf = (leg: T): string | undefined => pythonMinor(facts.versions(leg).python?.said ?? '');
  const nodeOf = (leg: T): string | undefined => nodeMajor(facts.versions(leg).node?.said ?? '');
  const first = nearest(legs, facts.wantedPython, pythonOf);
  const samePython = first === undefined ? legs : legs.filter((leg) => pythonOf(leg) === pythonOf(first));
  const tasks = Object.keys(Object.assign({}, ...legs) as Leg).filter(
    (axis) =>
      facts.isUsed(axis) &&
      isTaskAxis(
        axis,
        legs.map((leg) => leg[axis]),
      ),
  );
  const node = nearest(samePython, facts.wantedNode, nodeOf);
  const alike = node === undefined ? samePython : samePython.filter((leg) => nodeOf(leg) === nodeOf(node));
  const best = alike.reduce<T | undefined>(
    (one, leg) => (one === undefined || isNewer(leg, one, tasks) ? leg : one),
    undefined,
  );
  if (best === undefined) return { kept: [], others: legs, best, nameOf: () => '' };
  const placeOf = (leg: T): string =>
    JSON.stringify([
      pythonOf(leg),
      nodeOf(leg),
      Object.entries(leg)
        .filter(([axis]) => !tasks.includes(axis))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  const taskOf = (leg: T): string => JSON.stringify(tasks.map((axis) => leg[axis] ?? null));
  const kept: T[] = [best];
  const keep = (leg: T): void => {
    if (!kept.some((each) => taskOf(each) === taskOf(leg))) kept.push(leg);
  };
  for (const leg of samePython) if (placeOf(leg) === placeOf(best)) keep(leg);
  // Tasks that run with other settings only: the first leg stands for each, unless its task is another Python's (`py39`).
  const isOther = (leg: T): boolean => tasks.length > 0 && tasks.every((axis) => isTask(leg[axis]));
  for (const leg of [...samePython, ...legs]) if (isOther(leg)) keep(leg);
  return {
    kept: legs.filter((leg) => kept.includes(leg)),
    others: legs.filter((leg) => !kept.includes(leg)),
    best,
    nameOf: (leg) => (kept.length < 2 ? '' : nameOf(leg, kept, tasks)),
  };
}

/** An axis that chooses what runs: some value of it is a task, and they are not the versions of one thing (`pydantic-v1`, `pydantic-v2`). */
function isTaskAxis(axis: string, values: readonly unknown[]): boolean {
  // Each part of the tests is a task of its own, although parts are numbers.
  const name = axis.replace(/(?<=[a-z])(?=[A-Z])/g, '-');
  if (
    /(?:^|[-_])(?:shard|group|chunk|partition|split|part|node[-_]index)s?(?:[-_]|$)/i.test(name) &&
    !/total|count/i.test(name)
  )
    return true;
  const texts = values.filter((value) => typeof value === 'string');
  const stems = new Set(texts.filter((text) => /\d/.test(text)).map(stemOf));
  const [stem = ''] = stems;
  const isVersions =
    stems.size === 1 &&
    texts.length > 1 &&
    texts.length === values.length &&
    texts.every((text) => /\d/.test(text) || movingWord.test(text.toLowerCase().replace(stem, '')));
  return !isVersions && values.some((value) => value !== undefined && isTask(value));
}

/** `django` of `Django>=4.2,<5`, `pydantic` of `pydantic-v1`. */
function stemOf(text: string): string {
  return text.toLowerCase().replace(/[-_ ]?(?:v?\d|[<>=~!^]).*$/s, '');
}

const movingWord =
  /^[-_ ]?(?:main|master|dev|devel|latest|stable|nightly|newest|oldest|highest|lowest|min|minimum|max)?$/;

/** Whether a leg is nearer than another one to what a new installation gets: newer versions, nothing experimental. */
function isNewer(leg: Leg, than: Leg, tasks: readonly string[]): boolean {
  for (const axis of Object.keys({ ...than, ...leg })) {
    if (tasks.includes(axis)) continue;
    const difference = rank(leg[axis], axis) - rank(than[axis], axis) || newer(leg[axis], than[axis]);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function rank(value: unknown, axis: string): number {
  if (/experimental|allow.?fail|may.?fail/i.test(axis)) return value === true || value === 'true' ? -1 : 0;
  if (typeof value !== 'string') return 0;
  if (/(?:^|[-_])(?:lowest|oldest|min|minimum|minimal)/i.test(value)) return -1;
  if (/(?:^|[-_])(?:main|master|dev|devel|nightly|git|pre|beta|rc)\d*$/i.test(value)) return -2;
  return /^(?:highest|newest|latest|max|maximum|locked|stable|default)\b/i.test(value) ? 1 : 0;
}

/** Of two versions of one thing the difference, by their numbers; 0 for anything else. */
function newer(a: unknown, b: unknown): number {
  if (typeof a !== 'string' || typeof b !== 'string' || stemOf(a) !== stemOf(b)) return 0;
  const [left, right] = [a, b].map((text) => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Versions, systems and switches choose where a job runs, not what. */
function isTask(value: unknown): boolean {
  if (value === undefined) return true;
  // A map of variables (`env: ${{ matrix.env }}`).
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isTask);
  return (
    typeof value === 'string' &&
    !/^[~^v<>=!\s]*\d+(?:\.\w+)*|(?:^|[-_])py\d{1,3}(?:[-_]|$)|^(?:ubuntu|windows|macos|linux|debian|alpine)\b|^(?:pypy|python|node|py-?\d|pp\d|cp\d)/i.test(
      value,
    )
  );
}

/** The versions that legs have: Python's minor and Node's major ones, each once. */
export function offersOf<T extends Leg>(
  legs: readonly T[],
  versions: LegFacts<T>['versions'],
): { readonly python: readonly string[]; readonly node: readonly string[] } {
  const all = legs.map(versions);
  const each = (short: (said: string) => string | undefined, subject: 'python' | 'node'): readonly string[] => [
    ...new Set(all.flatMap((leg) => short(leg[subject]?.said ?? '') ?? [])),
  ];
  return { python: each(pythonMinor, 'python'), node: each(nodeMajor, 'node') };
}

/** Legs for people: `3 other legs of job tests (python 3.9; python 3.10; …)`. */
export function describeLegs(legs: readonly Leg[], job: string): string {
  const shown = legs.slice(0, 10).map(legText);
  const rest = legs.length > shown.length ? ` and ${legs.length - shown.length} more` : '';
  return `${legs.length} other ${legs.length === 1 ? 'leg' : 'legs'} of job ${job} (${shown.join('; ')}${rest})`;
}

/** Why the others are not carried over. */
export function describeKeptLegs(kept: readonly Leg[]): string {
  const shown = kept.map(legText).filter((text) => text !== '');
  return `an environment has one toolchain; ${shown.length === 0 ? 'one leg' : shown.join('; ')} is carried over`;
}

function legText(leg: Leg): string {
  return Object.entries(leg)
    .map(([axis, value]) => [axis, ...wordsOf(value)].join(' '))
    .join(', ');
}

/** What tells a leg from the others that are kept, in the values of the axes that choose what runs. */
function nameOf(leg: Leg, kept: readonly Leg[], tasks: readonly string[]): string {
  const differing = tasks.filter((axis) => new Set(kept.map((each) => JSON.stringify(each[axis]))).size > 1);
  return differing
    .flatMap((axis) => wordsOf(leg[axis]))
    .filter((value) => value !== '')
    .join('-');
}

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(wordsOf);
  return value === undefined || value === null ? [] : [String(value as string | number | boolean)];
}
