/**
 * A version of a Python package (PEP 440). Numbers are of any size: dates with their time and commit numbers are.
 * https://packaging.python.org/en/latest/specifications/version-specifiers
 */
export interface Version {
  readonly epoch: bigint;
  /** As many parts as are written: `1.0` and `1` are equal versions, and `~=` tells them apart. */
  readonly release: readonly bigint[];
  readonly pre: { readonly letter: 'a' | 'b' | 'rc'; readonly number: bigint } | undefined;
  readonly post: bigint | undefined;
  readonly dev: bigint | undefined;
  /** What stands behind the `+`, in lower case. */
  readonly local: readonly (bigint | string)[] | undefined;
}

const form = new RegExp(
  [
    String.raw`^\s*v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)`,
    String.raw`(?:[._-]?(?<letter>alpha|a|beta|b|preview|pre|c|rc)[._-]?(?<pre>[0-9]*))?`,
    String.raw`(?<post>-(?<number>[0-9]+)|[._-]?(?:post|rev|r)[._-]?(?<named>[0-9]*))?`,
    String.raw`(?<dev>[._-]?dev[._-]?(?<unfinished>[0-9]*))?`,
    String.raw`(?:\+(?<local>[a-z0-9]+(?:[._-][a-z0-9]+)*))?\s*$`,
  ].join(''),
  'i',
);

/** Reads a version in any of the spellings that PEP 440 allows; undefined for what is none. */
export function readVersion(text: string): Version | undefined {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { letter } = groups;
  return {
    epoch: BigInt(groups['epoch'] ?? 0),
    release: (groups['release'] ?? '').split('.').map(BigInt),
    pre: letter === undefined ? undefined : { letter: preLetter(letter), number: BigInt(groups['pre'] ?? 0) },
    post: groups['post'] === undefined ? undefined : BigInt(groups['number'] ?? groups['named'] ?? 0),
    dev: groups['dev'] === undefined ? undefined : BigInt(groups['unfinished'] ?? 0),
    local: groups['local']
      ?.toLowerCase()
      .split(/[._-]/)
      .map((part) => (/^[0-9]+$/.test(part) ? BigInt(part) : part)),
  };
}

function preLetter(written: string): 'a' | 'b' | 'rc' {
  const first = written[0]?.toLowerCase();
  return first === 'a' || first === 'b' ? first : 'rc';
}

/** The order of two versions: below zero when the first is the lower one, zero when they are equal (`1.0` and `1`). */
export function compareVersions(one: Version, other: Version): number {
  return (
    compareNumbers(one.epoch, other.epoch) ||
    compareReleases(one.release, other.release) ||
    comparePre(one, other) ||
    compareNumbers(one.post ?? -1n, other.post ?? -1n) ||
    compareDev(one.dev, other.dev) ||
    compareLocal(one.local, other.local)
  );
}

/** Whether two texts are versions, and equal ones (`1.0-alpha1` and `1.0a1`). */
export function equalVersions(one: string, other: string): boolean {
  const [left, right] = [readVersion(one), readVersion(other)];
  return left !== undefined && right !== undefined && compareVersions(left, right) === 0;
}

/** The order of two releases; zeros at their ends say nothing. */
export function compareReleases(one: readonly bigint[], other: readonly bigint[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const order = compareNumbers(one[index] ?? 0n, other[index] ?? 0n);
    if (order !== 0) return order;
  }
  return 0;
}

/** The order of what stands before a release's final version: development versions of it come first, then a, b, rc, then the release. */
export function comparePre(one: Version, other: Version): number {
  const [left, right] = [rankOfPre(one), rankOfPre(other)];
  return left - right || compareNumbers(one.pre?.number ?? 0n, other.pre?.number ?? 0n);
}

function rankOfPre({ pre, post, dev }: Version): number {
  if (pre !== undefined) return ['a', 'b', 'rc'].indexOf(pre.letter);
  return post === undefined && dev !== undefined ? -1 : 3;
}

function compareDev(one: bigint | undefined, other: bigint | undefined): number {
  if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0);
  return compareNumbers(one, other);
}

function compareLocal(one: Version['local'], other: Version['local']): number {
  if (one === undefined || other === undefined) return (one === undefined ? 0 : 1) - (other === undefined ? 0 : 1);
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const [left = '', right = ''] = [one[index], other[index]];
    const order =
      typeof left === 'bigint' && typeof right === 'bigint'
        ? compareNumbers(left, right)
        : typeof left === 'bigint' || typeof right === 'bigint'
          ? (typeof left === 'bigint' ? 1 : 0) - (typeof right === 'bigint' ? 1 : 0)
          : Number(left > right) - Number(left < right);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function compareNumbers(one: bigint, other: bigint): number {
  return Number(one > other) - Number(one < other);
}
