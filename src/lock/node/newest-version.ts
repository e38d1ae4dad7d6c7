import semver from 'semver';

/** The newest of some versions; a pre-release only counts when there is nothing else. Undefined for none. */
export function newestVersion(versions: readonly string[]): string | undefined {
  const sorted = [...versions].sort(semver.rcompare);
  return sorted.find((version) => semver.prerelease(version) === null) ?? sorted[0];
}
