import { posix } from 'node:path';
import { validRange } from 'semver';
import { placesOf } from '../../formats/places.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import type { LockGap } from './facts.ts';
import type { LockedManifest } from './lock-gaps.ts';

/** A dependency as package.json writes it. */
interface Wanted {
  readonly name: string;
  readonly range: JsonValue;
}

/**
 * What of a package.json its yarn.lock was not made for, as `yarn install --frozen-lockfile` (Yarn 1) or `--immutable` (2 and later) looks. What
 * `resolutions` names is left out. Empty when the lock file does not know the folder, or one of the two can't be read.
 */
export function yarnGaps({ manifest, lock }: LockedManifest): readonly LockGap[] {
  const { root, problem } = readJson(manifest.text);
  if (root === undefined || problem !== undefined) return [];
  const overridden = (jsonAt(root, 'resolutions')?.members ?? []).map(([key]) => key.text);
  const isOverridden = (name: string): boolean =>
    overridden.some((key) => key.replace(/(?<=.)@.*$/, '').endsWith(name));
  const wanted = (table: string): readonly Wanted[] =>
    (jsonAt(root, table)?.members ?? []).flatMap(([name, range]) =>
      range.kind === 'string' && !isOverridden(name.text) ? [{ name: name.text, range }] : [],
    );
  const places = placesOf(manifest.text);
  const gapOf = ({ name, range }: Wanted, locked?: string): LockGap => ({
    path: manifest.path,
    span: places.span(range.start, range.end),
    raw: range.text,
    name,
    lock: lock.path,
    ...(locked === undefined ? {} : { locked }),
  });
  if (/^__metadata:/m.test(lock.text)) {
    const folder = posix.relative(posix.dirname(lock.path), posix.dirname(manifest.path)) || '.';
    const held = workspaceEntry(lock.text, folder);
    if (held === undefined) return [];
    // What is optional counts before what is only for development.
    const asked = new Map(
      ['devDependencies', 'dependencies', 'optionalDependencies'].flatMap(wanted).map((each) => [each.name, each]),
    );
    // What the lock file has besides, Yarn leaves out without a word.
    return [...asked.values()].flatMap((each): readonly LockGap[] => {
      const there = held.get(each.name);
      return there !== undefined && plain(there) === plain(each.range.text)
        ? []
        : [gapOf(each, there === undefined ? undefined : plain(there))];
    });
  }
  // Yarn 1 does not look at the packages of a workspace.
  if (posix.dirname(lock.path) !== posix.dirname(manifest.path) || jsonAt(root, 'workspaces') !== undefined) return [];
  const patterns = new Map(
    [...lock.text.matchAll(/^(\S.*):\r?\n {2}version "([^"]+)"/gm)].flatMap(([, keys = '', version = '']) =>
      keys.split(/,\s*/).map((key) => [key.replaceAll('"', ''), version] as const),
    ),
  );
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(wanted).flatMap((each) => {
    const { name, range } = each;
    if (validRange(range.text) === null || patterns.has(`${name}@${range.text}`)) return [];
    const other = [...patterns].find(([pattern]) => pattern.startsWith(`${name}@`));
    return [gapOf(each, other?.[1])];
  });
}

/** What a Yarn 2 lock file repeats of a workspace's folder: names with their ranges. */
function workspaceEntry(text: string, folder: string): ReadonlyMap<string, string> | undefined {
  const entries = text.split(/\r?\n(?=\S)/);
  const entry = entries.find((each) =>
    (/^"?([^\n]*?)"?:\r?\n/.exec(each)?.[1] ?? '').split(', ').some((key) => key.endsWith(`@workspace:${folder}`)),
  );
  if (entry === undefined) return undefined;
  const block = /^ {2}dependencies:\r?\n((?: {4}.*(?:\r?\n|$))*)/m.exec(entry)?.[1] ?? '';
  const lines = block.matchAll(/^ {4}"?([^":]+)"?: "?([^"\r\n]*)"?/gm);
  return new Map([...lines].map(([, name = '', range = '']) => [name, range]));
}

/** Since Yarn 4 the default protocol stands before each range. */
function plain(range: string): string {
  return range.replace(/^npm:(?=[\d^~<>=*xX]|\w+$)/, '');
}
