import type { DecidedJob } from './decided-pipeline.ts';
import { nearest } from './versions.ts';

/** What a repository's own files say of a runtime, and what is at hand. */
export interface VersionFacts {
  /** The version that detection chooses without CI; `isNamed` when a version file names it. */
  readonly detected: string;
  readonly isNamed: boolean;
  /** Whether the repository's ranges admit a version (`3.12`, `22`). */
  readonly admits: (version: string) => boolean;
  /** True for a version that every base has. */
  readonly isEverywhere: (version: string) => boolean;
}

/** A version that is wanted of CI's jobs, and why, for people. */
export interface WantedVersion {
  readonly version: string;
  readonly why?: string;
}

/**
 * The one Python, or Node, for all jobs: an environment has one. What a version file names, where a job has it or no job says any; else, among those
 * that jobs have and the repository admits, one that every base has, then the one that most jobs have, then the nearest to detection's.
 */
export function wantedVersion(
  jobs: readonly DecidedJob[],
  subject: 'python' | 'node',
  { detected, isNamed, admits, isEverywhere }: VersionFacts,
): WantedVersion {
  const counts = new Map<string, readonly string[]>();
  for (const { id, offers } of jobs)
    for (const version of offers[subject]) counts.set(version, [...(counts.get(version) ?? []), id]);
  const all = [...counts.keys()];
  if (all.length === 0 || (isNamed && counts.has(shortOf(detected)))) return { version: detected };
  const admitted = all.filter(admits);
  const fits = admitted.length > 0 ? admitted : all;
  const ready = fits.filter(isEverywhere);
  const some = ready.length > 0 ? ready : fits;
  const most = Math.max(...some.map((version) => counts.get(version)?.length ?? 0));
  const shared = some.filter((version) => counts.get(version)?.length === most);
  const version = nearest(shared, detected, (each) => each) ?? detected;
  if (all.length === 1) return { version };
  // Jobs of several files may have one name.
  const have = [...new Set(counts.get(version))];
  const who = `${have.length === 1 ? 'job' : 'jobs'} ${have.join(', ')} ${have.length === 1 ? 'has' : 'have'} this one`;
  return { version, why: `CI has ${all.toSorted(byParts).join(', ')}: ${who}` };
}

/** `3.12` of `3.12.4`; a Node's major. */
function shortOf(version: string): string {
  return /^3\.\d+/.exec(version)?.[0] ?? /^\d+/.exec(version)?.[0] ?? version;
}

function byParts(a: string, b: string): number {
  const [[a1 = 0, a2 = 0], [b1 = 0, b2 = 0]] = [a.split('.').map(Number), b.split('.').map(Number)];
  return a1 - b1 || a2 - b2;
}
