import { comparePre, compareReleases, compareVersions, readVersion, type Version } from './version.ts';

/** One condition of a specifier set: `>=1.2`, `==1.*`, `===anything`. */
interface Clause {
  readonly operator: '===' | '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>';
  /** As written behind the operator. */
  readonly text: string;
  /** Undefined for `===`, which compares texts. Without the `.*` at its end. */
  readonly version: Version | undefined;
  readonly isPrefix: boolean;
}

/** Whether a text is a specifier set (PEP 440): clauses with commas between them; an empty one is, and admits all versions. */
export function isSpecifierSet(text: string): boolean {
  return clausesOf(text) !== undefined;
}

/**
 * Whether a specifier set admits a version, pre-releases as well as others, as `SpecifierSet.contains` of `packaging` judges it; undefined for what is
 * no specifier set. What is no version is admitted by `===` and by an empty set alone. Pure.
 * https://packaging.python.org/en/latest/specifications/version-specifiers
 */
export function admitsVersion(specifier: string, version: string): boolean | undefined {
  const clauses = clausesOf(specifier);
  if (clauses === undefined) return undefined;
  const read = readVersion(version);
  return clauses.every((clause) =>
    clause.version === undefined
      ? clause.text.toLowerCase() === version.toLowerCase()
      : read !== undefined && admits(clause, clause.version, read),
  );
}

function clausesOf(text: string): readonly Clause[] | undefined {
  const clauses = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(readClause);
  return clauses.every((clause) => clause !== undefined) ? clauses : undefined;
}

function readClause(written: string): Clause | undefined {
  const [, operator, text = ''] = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/.exec(written) ?? [];
  if (operator === undefined) return undefined;
  const clause = { operator: operator as Clause['operator'], text };
  if (operator === '===') return /[;)]/.test(text) ? undefined : { ...clause, version: undefined, isPrefix: false };
  const mayHaveMore = operator === '==' || operator === '!=';
  const isPrefix = text.endsWith('.*');
  const version = readVersion(isPrefix ? text.slice(0, -2) : text);
  if (version === undefined || (isPrefix && !(mayHaveMore && isRelease(version)))) return undefined;
  if (version.local !== undefined && !mayHaveMore) return undefined;
  if (operator === '~=' && version.release.length < 2) return undefined;
  return { ...clause, version, isPrefix };
}

function isRelease({ pre, post, dev, local }: Version): boolean {
  return pre === undefined && post === undefined && dev === undefined && local === undefined;
}

function admits({ operator, isPrefix }: Clause, wanted: Version, version: Version): boolean {
  // A local label counts where the clause has one, and against a version that the clause itself would not take.
  const labelled = compareVersions(version, wanted);
  const plain = compareVersions({ ...version, local: undefined }, wanted);
  switch (operator) {
    case '==':
      return isPrefix
        ? isBelow(wanted.release, wanted, version)
        : (wanted.local === undefined ? plain : labelled) === 0;
    case '!=':
      return isPrefix
        ? !isBelow(wanted.release, wanted, version)
        : (wanted.local === undefined ? plain : labelled) !== 0;
    case '>=':
      return labelled >= 0;
    case '<=':
      return plain <= 0;
    case '~=':
      return labelled >= 0 && isBelow(wanted.release.slice(0, -1), wanted, version);
    case '<':
      // Nor what comes before the wanted version itself.
      return compareVersions(version, isPreRelease(wanted) ? wanted : { ...wanted, dev: 0n }) < 0;
    case '>':
      return plain > 0 && !isPostOf(wanted, version);
    default:
      return false;
  }
}

/** Whether a version's epoch and release begin as a prefix says. */
function isBelow(prefix: readonly bigint[], { epoch }: Version, version: Version): boolean {
  return epoch === version.epoch && prefix.every((part, index) => part === (version.release[index] ?? 0n));
}

function isPreRelease({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

/** Whether a version is a post-release of one that is none: `>1.0` leaves `1.0.post1` out. */
function isPostOf(wanted: Version, version: Version): boolean {
  if (version.post === undefined || wanted.post !== undefined || wanted.dev !== undefined) return false;
  return (
    isBelow([], wanted, version) &&
    compareReleases(version.release, wanted.release) === 0 &&
    comparePre(version, wanted) === 0
  );
}
