import semver from 'semver';
import table from './npm-of-node.json' with { type: 'json' };

/** The npm that a release of Node brings. */
export interface NpmOfNode {
  readonly version: string;
  /** Set for a release that is newer than the table: the newest release of its line that the table knows. */
  readonly of?: string;
}

/** A release line of Node: its newest release that the table knows, and each release that brought another npm than the one before it. */
interface ReleaseLine {
  readonly newest: string;
  readonly npm: Readonly<Record<string, string>>;
}

/**
 * The npm that a release of Node brings, which its npm packages lack: by a table of all releases from 14 on (scripts/npm-of-node.mjs), and
 * for a newer release by the nearest older one of its line. Undefined for a release line that the table does not have.
 */
export function npmOfNode(node: string): NpmOfNode | undefined {
  const lines: Readonly<Record<string, ReleaseLine | undefined>> = table;
  const line = lines[String(semver.major(node))];
  if (line === undefined) return undefined;
  const changes = Object.keys(line.npm).sort(semver.rcompare);
  const change = changes.find((release) => semver.lte(release, node));
  const version = change === undefined ? undefined : line.npm[change];
  if (version === undefined) return undefined;
  return { version, ...(semver.gt(node, line.newest) ? { of: line.newest } : {}) };
}
