import { satisfies, valid, validRange } from 'semver';
import { equalVersions } from '../formats/version.ts';
import { admitsVersion } from '../formats/version-specifier.ts';
import type { Scheme, Subject } from './declaration.ts';

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
        return semverVerdict(value, version, isWhole);
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

/** Whether a subject is a package, whose versions are whole; a runtime's may be the beginning of one (`3.11`). */
export function isPackage(subject: Subject): boolean {
  return subject.startsWith('pypi:') || subject.startsWith('npm:');
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
  return one === other || equalVersions(one, other);
}

function pep440Verdict(value: string, version: string, isWhole: boolean): Verdict {
  const named = namedVersion({ scheme: 'pep440', value });
  // A pre-release that is locked was chosen on purpose.
  const isAdmitted = admitsVersion(value, named === undefined && !isWhole ? newest(version) : version);
  if (isAdmitted === undefined) return 'unreadable';
  if (named === undefined) return isAdmitted ? 'admits' : 'excludes';
  const isWithin = !isWhole && isPartial(version) && named.startsWith(`${version}.`);
  return isWithin || isAdmitted ? 'same' : 'other';
}

/** As npm judges: a pre-release of a package is within a range that names one of the same release, one of Node also within any other. */
function semverVerdict(value: string, version: string, isWhole: boolean): Verdict {
  const named = namedVersion({ scheme: 'semver', value });
  if (named !== undefined && !isWhole && isPartial(version)) return agree(version, named) ? 'same' : 'other';
  const loose = isWhole;
  const full = valid(isWhole ? version : newest(version), { loose });
  if (full === null || validRange(value, { loose }) === null) return 'unreadable';
  const isAny = isWhole && ['', '*'].includes(value.trim());
  const isWithin = isAny || satisfies(full, value, { loose, includePrerelease: !isWhole });
  if (named !== undefined) return isWithin ? 'same' : 'other';
  return isWithin ? 'admits' : 'excludes';
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
