import { posix } from 'node:path';
import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { poetrySpecifier } from '../../../formats/poetry-specifier.ts';
import { tableAt, tablesOf, textsOf, type Table } from '../../../formats/table.ts';
import { tomlTable } from '../../../formats/toml.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import { poetryDependency } from '../poetry.ts';
import { digestsOf, notFromIndex, pickSource, type Picked, type PickedPackage } from './locked-pins.ts';
import { walkLocked, type LockedNode } from './walk-locked.ts';

interface PoetryPackage extends LockedNode {
  readonly table: Table;
}

/**
 * What `poetry install` installs in an environment. From 2.1 on, poetry.lock says of each package which groups ask for it and when; before,
 * that follows from what pyproject.toml asks for. Pure.
 */
export function pickPoetry(lock: DependencyLock, environment: MarkerEnvironment): Picked {
  const root = tomlTable(lock.text) ?? {};
  const manifest = manifestOf(lock);
  const tables = tablesOf(root['package']);
  const groups = poetryGroups(lock, manifest);
  const extras = new Set(poetryExtras(lock, manifest));
  const given = { ...environment, extras };
  const metadata = tableAt(root, 'metadata') ?? {};
  const version = /^(\d+)\.(\d+)/.exec(String(metadata['lock-version'] ?? '1.0'));
  const saysGroups = Number(version?.[1]) * 100 + Number(version?.[2]) >= 201;
  const chosen = saysGroups
    ? tables.filter((table) => isWanted(table, groups, given))
    : walkLocked(poetryRoots(manifest, groups, extras), tables.map(nodeOf), { ...environment, extras: new Set() }).map(
        ({ table }) => table,
      );
  return picked(lock, chosen, metadata);
}

function manifestOf({ file, manifests }: DependencyLock): Table {
  return tomlTable(manifests.get(posix.join(posix.dirname(file), 'pyproject.toml'))) ?? {};
}

/** The groups that are installed, `main` among them. */
function poetryGroups({ selection }: DependencyLock, manifest: Table): ReadonlySet<string> {
  if (selection.only !== undefined) return new Set(selection.only);
  const poetry = tableAt(manifest, 'tool', 'poetry') ?? {};
  const own = tableAt(poetry, 'group') ?? {};
  const names = [
    ...Object.keys(own),
    ...Object.keys(tableAt(manifest, 'dependency-groups') ?? {}),
    ...(poetry['dev-dependencies'] === undefined ? [] : ['dev']),
  ];
  const isOptional = (name: string): boolean => tableAt(own, name)?.['optional'] === true;
  const unasked = names.filter((name) => selection.groups === 'all' || (selection.defaultGroups && !isOptional(name)));
  const wanted = new Set([
    'main',
    ...unasked.map(normalisedName),
    ...(selection.groups === 'all' ? [] : selection.groups),
  ]);
  for (const name of selection.without) wanted.delete(name);
  return wanted;
}

function poetryExtras({ selection }: DependencyLock, manifest: Table): readonly string[] {
  if (selection.extras !== 'all') return selection.extras;
  const tables = [tableAt(manifest, 'project', 'optional-dependencies'), tableAt(manifest, 'tool', 'poetry', 'extras')];
  return tables.flatMap((table) => Object.keys(table ?? {}).map(normalisedName));
}

function isWanted(table: Table, groups: ReadonlySet<string>, environment: MarkerEnvironment): boolean {
  const { markers } = table;
  return textsOf(table['groups']).some((group) => {
    if (!groups.has(normalisedName(group))) return false;
    const marker = typeof markers === 'string' ? markers : tableAt(markers)?.[group];
    return typeof marker !== 'string' || evaluateMarker(marker, environment) !== false;
  });
}

function picked(lock: DependencyLock, tables: readonly Table[], metadata: Table): Picked {
  const packages: PickedPackage[] = [];
  const problems: Picked['problems'][number][] = [];
  for (const table of tables) {
    const name = String(table['name'] ?? '');
    const source = tableAt(table, 'source') ?? {};
    const type = String(source['type'] ?? 'pypi');
    const url = String(source['url'] ?? '');
    // What lies in the repository is built there.
    if (type === 'directory') continue;
    const hashes = hashesOf(table, metadata, name);
    const version = String(table['version'] ?? '');
    if (type === 'git' || type === 'url') {
      const text = (key: string): string | undefined => (typeof source[key] === 'string' ? source[key] : undefined);
      const [revision, subdirectory] = [text('resolved_reference'), text('subdirectory')];
      const written = { url, isGit: type === 'git', revision, subdirectory, hashes };
      const one = pickSource(lock, { name, version }, written);
      if ('message' in one) problems.push(one);
      else packages.push(one);
    } else if (type === 'file') problems.push(notFromIndex(lock, name, url));
    else packages.push({ name: normalisedName(name), version, hashes });
  }
  return { packages, problems };
}

/** Of the package itself; formerly of the file's end, for all versions of a name together. */
function hashesOf(table: Table, metadata: Table, name: string): PickedPackage['hashes'] {
  const files = table['files'] ?? tableAt(metadata, 'files')?.[name];
  const own = digestsOf(tablesOf(files).map((file) => file['hash']));
  return own.length > 0 ? own : digestsOf(textsOf(tableAt(metadata, 'hashes')?.[name]));
}

function nodeOf(table: Table): PoetryPackage {
  const needed = tableAt(table, 'dependencies') ?? {};
  const python = poetrySpecifier(String(table['python-versions'] ?? '*'));
  return {
    table,
    name: normalisedName(String(table['name'] ?? '')),
    version: String(table['version'] ?? ''),
    ...(python === undefined || python === '' ? {} : { python }),
    needs: (extras) => {
      const byExtra = new Set(
        Object.entries(tableAt(table, 'extras') ?? {})
          .filter(([extra]) => extras.has(normalisedName(extra)))
          .flatMap(([, lines]) => textsOf(lines).map((line) => normalisedName(line.split(/[\s([<>=!~;]/)[0] ?? ''))),
      );
      return textsOfTable(needed, byExtra);
    },
  };
}

/** What pyproject.toml asks for in these groups, as PEP 508 lines; a path or an address by its name, for the lock file knows it. */
function poetryRoots(manifest: Table, groups: ReadonlySet<string>, extras: ReadonlySet<string>): readonly string[] {
  const poetry = tableAt(manifest, 'tool', 'poetry') ?? {};
  const byExtra = new Set(
    Object.entries(tableAt(poetry, 'extras') ?? {})
      .filter(([extra]) => extras.has(normalisedName(extra)))
      .flatMap(([, names]) => textsOf(names).map(normalisedName)),
  );
  const main = groups.has('main') ? textsOfTable(tableAt(poetry, 'dependencies') ?? {}, byExtra) : [];
  const dev = groups.has('dev') ? textsOfTable(tableAt(poetry, 'dev-dependencies') ?? {}, new Set()) : [];
  const others = Object.entries(tableAt(poetry, 'group') ?? {})
    .filter(([name]) => groups.has(normalisedName(name)))
    .flatMap(([, group]) => textsOfTable(tableAt(group, 'dependencies') ?? {}, new Set()));
  return [...main, ...dev, ...others];
}

function textsOfTable(table: Table, optional: ReadonlySet<string>): readonly string[] {
  return Object.entries(table)
    .filter(([name]) => name !== 'python')
    .flatMap(([name, value]) =>
      poetryDependency(name, value)
        .filter((dependency) => !dependency.optional || optional.has(normalisedName(name)))
        .map((dependency) => dependency.text ?? name),
    );
}
