import { posix } from 'node:path';
import { satisfies, valid, validRange } from 'semver';
import { placesOf } from '../../formats/places.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import type { LockGap } from './facts.ts';
import type { LockedManifest } from './lock-gaps.ts';

/** Of its own version for the folder's package, else the one that all share. */
function versionOf(locked: JsonValue, folder: string | undefined, name: string): string | undefined {
  const entry = jsonAt(locked, 'packages', `${folder ?? ''}/${name}`) ?? jsonAt(locked, 'packages', name);
  return /.@([^@]+)$/.exec(entry?.items[0]?.text ?? '')?.[1];
}

function isOut(version: string | undefined, range: string): boolean {
  return version !== undefined && validRange(range) !== null && valid(version) !== null && !satisfies(version, range);
}

const tables = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/**
 * What of a package.json its bun.lock was not made for, as `bun install --frozen-lockfile` looks: the lock file repeats the ranges of each folder of
 * the workspace, and another range is right as long as the locked version is in it. Empty when it does not know the folder, or one of the two can't be read.
 */
export function bunGaps({ manifest, lock }: LockedManifest): readonly LockGap[] {
  const { root: asked, problem } = readJson(manifest.text);
  const { root: locked, problem: lockProblem } = readJson(lock.text);
  if (asked === undefined || locked === undefined || problem !== undefined || lockProblem !== undefined) return [];
  const folder = posix.relative(posix.dirname(lock.path), posix.dirname(manifest.path));
  const known = jsonAt(locked, 'workspaces', folder);
  if (known === undefined) return [];
  const places = placesOf(manifest.text);
  const start = places.span(0, 0);
  return tables.flatMap((table): readonly LockGap[] => {
    const wanted = jsonAt(asked, table)?.members ?? [];
    const held = new Map((jsonAt(known, table)?.members ?? []).map(([name, range]) => [name.text, range.text]));
    const names = new Set(wanted.map(([name]) => name.text));
    const gaps = wanted.flatMap(([{ text: name }, range]): readonly LockGap[] => {
      const there = held.get(name);
      if (range.kind !== 'string' || there === range.text) return [];
      // Another range is right as long as the locked version is in it.
      if (there !== undefined && !isOut(versionOf(locked, jsonAt(known, 'name')?.text, name), range.text)) return [];
      const gap = { path: manifest.path, span: places.span(range.start, range.end), raw: range.text, name };
      return [{ ...gap, lock: lock.path, ...(there === undefined ? {} : { locked: there }) }];
    });
    const excess = [...held].flatMap(([name, range]): readonly LockGap[] =>
      names.has(name) ? [] : [{ path: manifest.path, span: start, raw: '', name, lock: lock.path, locked: range }],
    );
    return [...gaps, ...excess];
  });
}
