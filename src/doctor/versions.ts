import { valid as validPep440, validRange as validSpecifier, eq as equalPep440 } from '@renovatebot/pep440';
import { satisfies, valid, validRange } from 'semver';
import { admitsVersion } from '../formats/version-specifier.ts';
import type { Scheme } from './declaration.ts';

/**
 * How a declared value stands to one version: `same` it names that version (or the part of it that it says), `other` it names another,
 * `admits` and `excludes` are a range's, `unreadable` it is no value of its scheme.
 */
export type Verdict = 'same' | 'other' | 'admits' | 'excludes' | 'unreadable';

/** A value and its language. */
export interface Declared {
  readonly scheme: Scheme;
  readonly value: string;
}

/**
 * Holds a value against a version. The version of a runtime may be partial (`3.11`), and then stands for all that begin so; one that `isWhole` is as
 * it stands (a package's 24.0). Never throws.
 */
export function verdict(
  { scheme, value }: Declared,
  version: string,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): Verdict {
  try {
    switch (scheme) {
      case 'pep440':
        return pep440Verdict(value, version, isWhole);
      case 'semver':
        return semverVerdict(value, version);
      case 'prefix':
        return prefixVerdict(value, version);
      case 'exact':
        return sameVersion(value, version) ? 'same' : 'other';
      default:
        return scheme satisfies never;
    }
  } catch {
    return 'unreadable';
  }
}

/** The one version (or its beginning, for a `prefix`) that a value names; undefined for a range. */
export function namedVersion({ scheme, value }: Declared): string | undefined {
  switch (scheme) {
    case 'pep440':
      return /^={2,3}\s*v?([^*,\s]+)$/.exec(value)?.[1];
    case 'semver':
      return valid(value.replace(/^=/, '')) ?? undefined;
    case 'prefix':
      return /^\d+(?:\.\d+)*(?:[a-z]+\d*)?$/.test(value) ? value : undefined;
    case 'exact':
      return value;
    default:
      return scheme satisfies never;
  }
}

/** True when two versions are the same as far as both say: `3.11` and `3.11.2`, `1.0` and `1.0.0`. */
export function agree(one: string, other: string): boolean {
  const [a, b] = [one.split('.'), other.split('.')];
  return a.slice(0, b.length).every((part, index) => part === b[index]) || sameVersion(one, other);
}

function sameVersion(one: string, other: string): boolean {
  if (one === other) return true;
  return validPep440(one) !== null && validPep440(other) !== null && equalPep440(one, other);
}

function pep440Verdict(value: string, version: string, isWhole: boolean): Verdict {
  if (value === '') return 'admits';
  const named = namedVersion({ scheme: 'pep440', value });
  if (named === undefined && !validSpecifier(value)) return 'unreadable';
  if (named === undefined)
    // A pre-release that is locked was chosen on purpose.
    return admitsVersion(value, isWhole ? version : newest(version)) ? 'admits' : 'excludes';
  if (validPep440(named) === null) return 'unreadable';
  const isWithin = !isWhole && isPartial(version) && named.startsWith(`${version}.`);
  return isWithin || sameVersion(named, version) ? 'same' : 'other';
}

function semverVerdict(value: string, version: string): Verdict {
  const named = namedVersion({ scheme: 'semver', value });
  if (named !== undefined) return agree(version, named) ? 'same' : 'other';
  const full = valid(newest(version));
  if (full === null || validRange(value) === null) return 'unreadable';
  return satisfies(full, value, { includePrerelease: true }) ? 'admits' : 'excludes';
}

function prefixVerdict(value: string, version: string): Verdict {
  if (!/^\d+(?:\.\d+)*(?:[a-z]+\d*)?$/.test(value)) return 'unreadable';
  return agree(value, version) ? 'same' : 'other';
}

function isPartial(version: string): boolean {
  return /^\d+(?:\.\d+)?$/.test(version);
}

/** A partial version stands for its newest release: a bound within it (`>=3.11.4`) does not exclude `3.11`. */
function newest(version: string): string {
  return isPartial(version) ? [...version.split('.'), '999', '999'].slice(0, 3).join('.') : version;
}
