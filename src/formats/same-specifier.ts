import { compareVersions, equalVersions, readVersion } from './version.ts';

interface Clause {
  readonly operator: string;
  /** Without the `.*` at its end. */
  readonly version: string;
  readonly isPrefix: boolean;
}

/** Whether two version conditions (PEP 440) ask for the same, in whatever order and spelling; undefined is any version. */
export function sameSpecifier(one: string | undefined, other: string | undefined): boolean {
  const left = clausesOf(one ?? '');
  const right = clausesOf(other ?? '');
  return left.length === right.length && left.every((clause) => right.some((each) => sameClause(clause, each)));
}

/**
 * Whether conditions that all hold admit the same Pythons as another condition does (`>=3.11,<3.12` and `==3.11.*`). Undefined where one of them is
 * more than a lowest and a highest release.
 */
export function sameRange(conditions: readonly string[], other: string): boolean | undefined {
  const left = boundsOf(conditions.flatMap(clausesOf));
  const right = boundsOf(clausesOf(other));
  if (left === undefined || right === undefined) return undefined;
  return sameBound(left.lowest, right.lowest) && sameBound(left.below, right.below);
}

function clausesOf(text: string): readonly Clause[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, operator = '', version = ''] = /^(===|~=|==|!=|<=|>=|<|>)?\s*(.*)$/.exec(part) ?? [];
      const isPrefix = version.endsWith('.*');
      return {
        operator,
        version: isPrefix ? version.slice(0, -2) : version,
        // `>=1.0.*` is read as `>=1.0`.
        isPrefix: isPrefix && (operator === '==' || operator === '!='),
      };
    });
}

function sameClause(one: Clause, other: Clause): boolean {
  if (one.operator !== other.operator || one.isPrefix !== other.isPrefix) return false;
  if (one.version === other.version) return true;
  // `===` compares texts.
  return one.operator !== '===' && equalVersions(one.version, other.version);
}

/** The lowest release that is in, and the lowest above it that is not. */
interface Bounds {
  readonly lowest: string | undefined;
  readonly below: string | undefined;
}

function sameBound(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined ? one === other : equalVersions(one, other);
}

function boundsOf(clauses: readonly Clause[]): Bounds | undefined {
  let lowest: string | undefined;
  let below: string | undefined;
  for (const { operator, version, isPrefix } of clauses) {
    if (!/^\d+(?:\.\d+)*$/.test(version)) return undefined;
    if (operator === '>=' || operator === '~=' || (operator === '==' && isPrefix))
      lowest = lowest === undefined || isAbove(version, lowest) ? version : lowest;
    const end =
      operator === '<'
        ? version
        : operator === '~='
          ? after(version.split('.').slice(0, -1))
          : operator === '==' && isPrefix
            ? after(version.split('.'))
            : undefined;
    if (end === undefined && operator !== '>=') return undefined;
    if (end !== undefined && (below === undefined || isAbove(below, end))) below = end;
  }
  return { lowest, below };
}

function isAbove(one: string, other: string): boolean {
  const [left, right] = [readVersion(one), readVersion(other)];
  return left !== undefined && right !== undefined && compareVersions(left, right) > 0;
}

function after(release: readonly string[]): string | undefined {
  const last = release.at(-1);
  return last === undefined ? undefined : [...release.slice(0, -1), String(Number(last) + 1)].join('.');
}
