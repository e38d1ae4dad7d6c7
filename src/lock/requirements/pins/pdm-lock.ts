import { posix } from 'node:path';
import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { tableAt, tablesOf, textsOf, type Table } from '../../../formats/table.ts';
import { tomlTable } from '../../../formats/toml.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import { parsePyproject } from '../pyproject.ts';
import type { Digest } from '../../../core/digest.ts';
import { digestsOf, notFromIndex, pickSource, type Picked, type PickedPackage } from './locked-pins.ts';
import type { WrittenSource } from '../package-source.ts';
import { walkLocked, type LockedNode } from './walk-locked.ts';

interface PdmPackage extends LockedNode {
  readonly table: Table;
}

/** What `pdm install` installs in an environment. Pure. */
export function pickPdm(lock: DependencyLock, environment: MarkerEnvironment): Picked {
  const root = tomlTable(lock.text) ?? {};
  const pyproject = lock.manifests.get(posix.join(posix.dirname(lock.file), 'pyproject.toml')) ?? '';
  const tables = tablesOf(root['package']);
  const metadata = tableAt(root, 'metadata') ?? {};
  const groups = pdmGroups(lock, pyproject, textsOf(metadata['groups']).map(normalisedName));
  const saysGroups = textsOf(metadata['strategy']).includes('inherit_metadata');
  const chosen = saysGroups
    ? tables.filter((table) => isWanted(table, groups, environment))
    : walkLocked(pdmRoots(pyproject, groups), joined(tables), environment).map(({ table }) => table);
  return picked(lock, chosen);
}

/** The groups that are installed; `default` is the project's own dependencies. Optional dependencies are groups, too. */
function pdmGroups({ selection }: DependencyLock, pyproject: string, locked: readonly string[]): ReadonlySet<string> {
  const manifest = tomlTable(pyproject) ?? {};
  const optional = Object.keys(tableAt(manifest, 'project', 'optional-dependencies') ?? {}).map(normalisedName);
  const dev = [
    ...Object.keys(tableAt(manifest, 'dependency-groups') ?? {}),
    ...Object.keys(tableAt(manifest, 'tool', 'pdm', 'dev-dependencies') ?? {}),
  ].map(normalisedName);
  const { defaultGroups, extras, groups, main, without } = selection;
  const isUnset = main && defaultGroups && extras !== 'all' && groups.length === 0;
  const asked = groups === 'all' ? [...optional, ...dev] : groups;
  const wanted = new Set([
    ...(main ? ['default'] : []),
    // Without options pdm installs whatever groups were locked.
    ...(isUnset ? [...optional, ...dev].filter((name) => locked.includes(name)) : []),
    // One group for checking that is asked for stands for itself; without any, all of them come.
    ...(defaultGroups && !asked.some((name) => dev.includes(name)) ? dev.filter((name) => locked.includes(name)) : []),
    ...(extras === 'all' ? optional : []),
    ...asked,
  ]);
  for (const name of without) wanted.delete(name);
  return wanted;
}

function isWanted(table: Table, groups: ReadonlySet<string>, environment: MarkerEnvironment): boolean {
  if (!textsOf(table['groups']).some((group) => groups.has(normalisedName(group)))) return false;
  const { marker } = table;
  return typeof marker !== 'string' || evaluateMarker(marker, environment) !== false;
}

/** A package with extras has an entry of its own, which needs what the extras bring. */
function joined(tables: readonly Table[]): readonly PdmPackage[] {
  const plain = tables.filter((table) => textsOf(table['extras']).length === 0);
  return plain.map((table) => {
    const { name, version } = table;
    const others = tables.filter((other) => other !== table && other['name'] === name && other['version'] === version);
    return {
      table,
      name: normalisedName(String(name)),
      version: String(version ?? ''),
      needs: (extras) => [
        ...textsOf(table['dependencies']),
        ...others
          .filter((other) => textsOf(other['extras']).some((extra) => extras.has(normalisedName(extra))))
          .flatMap((other) => textsOf(other['dependencies'])),
      ],
    };
  });
}

function pdmRoots(pyproject: string, groups: ReadonlySet<string>): readonly string[] {
  const metadata = parsePyproject(pyproject);
  if ('message' in metadata) return [];
  const lists = [
    ...(groups.has('default') ? [metadata.dependencies] : []),
    ...[...metadata.extras, ...metadata.groups].flatMap(([name, list]) => (groups.has(name) ? [list] : [])),
  ];
  const dev = tableAt(tomlTable(pyproject), 'tool', 'pdm', 'dev-dependencies') ?? {};
  const own = Object.entries(dev).flatMap(([name, list]) => (groups.has(normalisedName(name)) ? textsOf(list) : []));
  return [...lists.flat().flatMap((one) => (one.kind === 'requirement' ? [one.text] : [])), ...own];
}

function picked(lock: DependencyLock, tables: readonly Table[]): Picked {
  const packages = new Map<string, PickedPackage>();
  const problems: Picked['problems'][number][] = [];
  for (const table of tables) {
    const name = String(table['name'] ?? '');
    const address = ['hg', 'svn', 'bzr'].find((key) => typeof table[key] === 'string');
    const files = tablesOf(table['files']);
    const hashes = digestsOf(files.map((file) => file['hash']));
    const version = String(table['version'] ?? '');
    const written = sourceOf(table, hashes);
    const path = table['path'];
    // What lies in the repository is built there.
    if (typeof path === 'string' && !/\.(?:whl|tar\.gz|zip)$/.test(path)) continue;
    if (typeof path === 'string' || address !== undefined)
      problems.push(notFromIndex(lock, name, String(address === undefined ? path : table[address])));
    else {
      const one =
        written === undefined
          ? { name: normalisedName(name), version, hashes }
          : pickSource(lock, { name, version }, written);
      if ('message' in one) problems.push(one);
      else packages.set(`${one.name} ${one.version}`, one);
    }
  }
  return { packages: [...packages.values()], problems };
}

function sourceOf(table: Table, hashes: readonly Digest[]): WrittenSource | undefined {
  const { git, url, revision, subdirectory } = table;
  const where = typeof subdirectory === 'string' ? { subdirectory } : {};
  if (typeof git === 'string')
    return { url: git, isGit: true, revision: typeof revision === 'string' ? revision : undefined, ...where, hashes };
  return typeof url === 'string' ? { url: url.replace(/#.*$/, ''), isGit: false, ...where, hashes } : undefined;
}
