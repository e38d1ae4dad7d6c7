import { isObject, readJson, shaped } from '../../core/json.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { tableAt, tablesOf, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { DependencyLock } from './dependency-lock.ts';

/** Which indexes a lock file's packages come from. */
export interface LockIndexes {
  /** The index that its tool took a package from, by nameAndVersion; empty for the default one. Absent where the lock file does not say. */
  readonly packages: ReadonlyMap<string, string>;
  /** Those besides the default one from which its tool takes whatever they have, too. */
  readonly shared: readonly string[];
  /** Those from which it takes only what is assigned to them. */
  readonly assigned: readonly string[];
}

/** A package's key in LockIndexes. */
export function nameAndVersion({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}==${version}`;
}

/** Reads them from a lock file and the files beside it. An address that only a machine's own settings complete is none. Pure. */
export function lockIndexes(lock: DependencyLock): LockIndexes {
  const { packages, explicit } = readers[lock.source.tool](lock);
  const known = new Map([...packages].filter(([, url]) => url !== undefined) as [string, string][]);
  const all = [...new Set([...known.values(), ...sharedSources(lock)])].filter((url) => url !== '');
  return {
    packages: known,
    shared: all.filter((url) => !explicit.has(url)),
    assigned: all.filter((url) => explicit.has(url)),
  };
}

/** The index of each package of several lock files, by nameAndVersion. Pure. */
export function indexOfEach(locks: readonly DependencyLock[]): ReadonlyMap<string, string> {
  return new Map(locks.flatMap((lock) => [...lockIndexes(lock).packages]));
}

interface Read {
  /** Undefined: it comes from what is no index that others can ask. */
  readonly packages: ReadonlyMap<string, string | undefined>;
  readonly explicit: ReadonlySet<string>;
}

const readers: Readonly<Record<DependencyLock['source']['tool'], (lock: DependencyLock) => Read>> = {
  uv: readUv,
  poetry: readPoetry,
  // pdm takes all its sources for equal, and its lock file does not say which one had a package.
  pdm: () => ({ packages: new Map(), explicit: new Set() }),
  pipenv: readPipenv,
  pylock: readPylock,
};

function readUv({ text, manifests }: DependencyLock): Read {
  const packages = new Map<string, string | undefined>();
  const entry = /^name = "([^"]+)"\r?\nversion = "([^"]+)"\r?\nsource = \{ registry = "([^"]+)" \}/gm;
  for (const [, name = '', version = '', url = ''] of text.matchAll(entry))
    packages.set(nameAndVersion({ name: normalisedName(name), version }), addressOf(url));
  const declared = [...manifests].flatMap(([path, manifest]) => {
    const root = tomlTable(manifest);
    if (path.endsWith('uv.toml')) return tablesOf(root?.['index']);
    return path.endsWith('pyproject.toml') ? tablesOf(tableAt(root, 'tool', 'uv')?.['index']) : [];
  });
  return { packages, explicit: urlsOf(declared.filter((index) => index['explicit'] === true)) };
}

function readPoetry({ text, manifests }: DependencyLock): Read {
  const packages = new Map<string, string | undefined>();
  for (const table of tablesOf(tomlTable(text)?.['package'])) {
    const source = tableAt(table, 'source');
    const type = source?.['type'];
    if (type !== undefined && type !== 'legacy') continue;
    const url = type === 'legacy' ? addressOf(String(source?.['url'])) : '';
    const name = normalisedName(String(table['name']));
    packages.set(nameAndVersion({ name, version: String(table['version']) }), url);
  }
  const declared = [...manifests.values()].flatMap((manifest) =>
    tablesOf(tableAt(tomlTable(manifest), 'tool', 'poetry')?.['source']),
  );
  // A supplemental source is asked only for what no other one has.
  const priorities = ['explicit', 'supplemental', 'secondary'];
  return { packages, explicit: urlsOf(declared.filter((one) => priorities.includes(String(one['priority'])))) };
}

/** Pipenv takes from its first source whatever names no other one. */
function readPipenv({ text }: DependencyLock): Read {
  const root = readJson(text, shaped(isObject)) ?? {};
  const sources = tablesOf(tableAt(root, '_meta')?.['sources']);
  const urls = new Map(sources.map(({ name, url }) => [name, addressOf(String(url))]));
  const packages = new Map<string, string | undefined>();
  for (const [section, entries] of Object.entries(root)) {
    if (section === '_meta' || !isObject(entries)) continue;
    for (const [name, entry] of Object.entries(entries)) {
      const { version, index } = tableAt(entry) ?? {};
      if (typeof version !== 'string') continue;
      const key = nameAndVersion({ name: normalisedName(name), version: version.replace(/^==+/, '') });
      packages.set(key, urls.get(index ?? sources[0]?.['name']));
    }
  }
  return { packages, explicit: urlsOf(sources.slice(1)) };
}

function readPylock({ text }: DependencyLock): Read {
  const packages = new Map<string, string | undefined>();
  for (const { name, version, index } of tablesOf(tomlTable(text)?.['packages']))
    if (typeof index === 'string')
      packages.set(nameAndVersion({ name: normalisedName(String(name)), version: String(version) }), addressOf(index));
  return { packages, explicit: new Set() };
}

/** pdm's sources besides its default one. */
function sharedSources({ source: { tool }, manifests }: DependencyLock): readonly string[] {
  if (tool !== 'pdm') return [];
  const declared = [...manifests.values()].flatMap((manifest) =>
    tablesOf(tableAt(tomlTable(manifest), 'tool', 'pdm')?.['source']),
  );
  return [...urlsOf(declared)];
}

function urlsOf(tables: readonly Table[]): ReadonlySet<string> {
  const urls = tables.flatMap(({ url }) => (typeof url === 'string' ? (addressOf(url) ?? []) : []));
  return new Set(urls.filter((url) => url !== ''));
}

/** Empty for the public index, which a machine's own settings may put another one in place of. */
function addressOf(url: string): string | undefined {
  if (!/^https?:\/\/[^$@]*$/.test(url)) return undefined;
  return /^https:\/\/pypi\.org\/simple\/?$/.test(url) ? '' : url.replace(/\/+$/, '');
}
