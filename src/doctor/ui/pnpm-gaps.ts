import { posix } from 'node:path';
import { placesOf } from '../../formats/places.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import { jsonAt, readJson } from '../json.ts';
import type { LockGap } from './facts.ts';
import type { LockedManifest } from './lock-gaps.ts';

const tables = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/**
 * What of a package.json its pnpm-lock.yaml was not made for, as `pnpm install --frozen-lockfile` (pnpm's own way in CI) looks: every range as it is
 * written there, and none besides. Empty when the lock file does not know the folder, or something else changes manifests before pnpm compares.
 */
export function pnpmGaps({ manifest, lock }: LockedManifest): readonly LockGap[] {
  const { root, problem } = readJson(manifest.text);
  if (root === undefined || problem !== undefined) return [];
  if (!/^lockfileVersion:/m.test(lock.text) || /^(?:pnpmfileChecksum:|<<<<<<< )/m.test(lock.text)) return [];
  const folder = posix.relative(posix.dirname(lock.path), posix.dirname(manifest.path)) || '.';
  const known = specifiersOf(lock.text, folder);
  if (known === undefined) return [];
  const overridden = new Set(keysOf(sectionOf(lock.text, 'overrides')).map((key) => key.replace(/(?<=.)@.*$/, '')));
  const asked = tables.flatMap((table) => jsonAt(root, table)?.members ?? []);
  const peers = new Set((jsonAt(root, 'peerDependencies')?.members ?? []).map(([name]) => name.text));
  const places = placesOf(manifest.text);
  const gaps = asked.flatMap(([{ text: name }, wanted]): readonly LockGap[] => {
    const specifier = known.get(name);
    if (wanted.kind !== 'string' || overridden.has(name) || specifier === wanted.text) return [];
    // A link may be left out of the lock file (excludeLinksFromLockfile).
    if (specifier === undefined && /^(?:link|file|workspace):/.test(wanted.text)) return [];
    const span = places.span(wanted.start, wanted.end);
    const gap = { path: manifest.path, span, raw: wanted.text, name, lock: lock.path };
    return [{ ...gap, ...(specifier === undefined ? {} : { locked: specifier }) }];
  });
  const names = new Set(asked.map(([name]) => name.text));
  const start = places.span(0, 0);
  const excess = [...known].flatMap(([name, specifier]): readonly LockGap[] =>
    names.has(name) || peers.has(name) || overridden.has(name)
      ? []
      : [{ path: manifest.path, span: start, raw: '', name, lock: lock.path, locked: specifier }],
  );
  return [...gaps, ...excess];
}

/** What was asked for in a folder, by name; undefined when the lock file does not know the folder. */
function specifiersOf(text: string, folder: string): ReadonlyMap<string, string> | undefined {
  const importers = sectionOf(text, 'importers');
  if (importers !== undefined) {
    const importer = importers.get(folder);
    if (importer === undefined) return undefined;
    return pairsOf(importer.get('specifiers')) ?? withSpecifiers(tables.map((table) => importer.get(table)));
  }
  if (folder !== '.') return undefined;
  return pairsOf(sectionOf(text, 'specifiers')) ?? withSpecifiers(tables.map((table) => sectionOf(text, table)));
}

/** Up to pnpm 7: `specifiers: { vite: ^6 }`. */
function pairsOf(value: YamlValue | undefined): ReadonlyMap<string, string> | undefined {
  if (value?.isMap !== true) return undefined;
  return new Map(value.members.map(([name, specifier]) => [name.text ?? '', specifier.text ?? '']));
}

/** From pnpm 8 on: `dependencies: { vite: { specifier: ^6, version: 6.3.5 } }`. */
function withSpecifiers(sections: readonly (YamlValue | undefined)[]): ReadonlyMap<string, string> {
  return new Map(
    sections.flatMap((section) =>
      (section?.members ?? []).map(([name, entry]) => [name.text ?? '', entry.get('specifier')?.text ?? ''] as const),
    ),
  );
}

/** One section of the file: its packages are megabytes that nobody needs here. */
function sectionOf(text: string, name: string): YamlValue | undefined {
  const start = new RegExp(`^${name}:.*`, 'm').exec(text);
  if (start === null) return undefined;
  const rest = text.slice(start.index + start[0].length);
  const end = rest.search(/\n[^\s#]/);
  const section = start[0] + (end < 0 ? rest : rest.slice(0, end));
  return readYaml(section, placesOf(section)).value.get(name);
}

function keysOf(value: YamlValue | undefined): readonly string[] {
  return (value?.members ?? []).map(([name]) => name.text ?? '');
}
