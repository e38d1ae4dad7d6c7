import { posix } from 'node:path';
import { satisfies, validRange } from 'semver';
import { placesOf } from '../../formats/places.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import type { LockGap } from './facts.ts';

/** A package.json and the npm lock file that may be its own: beside it, or above it for a workspace. */
export interface LockedManifest {
  /** Relative to the repository's top. */
  readonly manifest: { readonly path: string; readonly text: string };
  readonly lock: { readonly path: string; readonly text: string };
}

/**
 * What of a package.json its lock file does not satisfy, as `npm ci` looks: every dependency must be there, at a version in its range.
 * Empty when the lock file is another package's, or one of the two can't be read (another rule says so).
 */
export function lockGaps({ manifest, lock }: LockedManifest): readonly LockGap[] {
  const { root: asked, problem } = readJson(manifest.text);
  const { root: locked, problem: lockProblem } = readJson(lock.text);
  if (asked === undefined || locked === undefined || problem !== undefined || lockProblem !== undefined) return [];
  const key = posix.relative(posix.dirname(lock.path), posix.dirname(manifest.path));
  const versionOf = lockedVersions(locked, key);
  if (versionOf === undefined) return [];
  const overridden = new Set((jsonAt(asked, 'overrides')?.members ?? []).map(([name]) => name.text));
  const places = placesOf(manifest.text);
  const optional = new Set((jsonAt(asked, 'optionalDependencies')?.members ?? []).map(([name]) => name.text));
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((table) =>
    (jsonAt(asked, table)?.members ?? []).flatMap(([{ text: name }, wanted]): readonly LockGap[] => {
      // An optional one that is a dependency, too, is judged as npm takes it: as optional.
      if (wanted.kind !== 'string' || overridden.has(name) || (table === 'dependencies' && optional.has(name)))
        return [];
      const version = versionOf(name);
      const span = places.span(wanted.start, wanted.end);
      const gap = { path: manifest.path, span, raw: wanted.text, name, lock: lock.path };
      if (version === undefined) return [gap];
      const range = wanted.text.replace(/^npm:(?:@[^/@]+\/)?[^@]+@/, '');
      const isRange = validRange(range, { loose: true }) !== null;
      if (version === 'linked' || !isRange || satisfies(version, range, { loose: true })) return [];
      return [{ ...gap, locked: version }];
    }),
  );
}

/** How to look a package's version up for the package in a folder: `linked` for a workspace's own. Undefined when that is not in this lock file. */
function lockedVersions(lock: JsonValue, key: string): ((name: string) => string | undefined) | undefined {
  const packages = jsonAt(lock, 'packages');
  if (packages === undefined) {
    // Version 1, which knows no workspaces.
    const flat = new Map((jsonAt(lock, 'dependencies')?.members ?? []).map(([name, entry]) => [name.text, entry]));
    return key === '' ? (name) => jsonAt(flat.get(name), 'version')?.text : undefined;
  }
  const entries = new Map(packages.members.map(([path, entry]) => [path.text, entry]));
  if (!entries.has(key)) return undefined;
  return (name) => {
    for (let folder = key; ; folder = posix.dirname(folder)) {
      const at = folder === '' || folder === '.' ? '' : `${folder}/`;
      const entry = entries.get(`${at}node_modules/${name}`);
      if (entry !== undefined)
        return jsonAt(entry, 'link')?.text === 'true' ? 'linked' : (jsonAt(entry, 'version')?.text ?? 'linked');
      if (at === '') return undefined;
    }
  };
}
