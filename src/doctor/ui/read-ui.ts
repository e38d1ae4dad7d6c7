import { readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { trackedFiles } from '../../git/git.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import { isExcludedPath } from '../survey.ts';
import { noUi, type StrayImport, type TypedFolder, type UiFacts } from './facts.ts';
import { bunGaps } from './bun-gaps.ts';
import { foreignSources } from './foreign-sources.ts';
import { lockGaps } from './lock-gaps.ts';
import { pnpmGaps } from './pnpm-gaps.ts';
import { platformGaps } from './platform-gaps.ts';
import { yarnGaps } from './yarn-gaps.ts';
import { scriptPattern, strayImports, type Alias } from './stray-imports.ts';

// A bundle that somebody committed has no imports to look at.
const scriptLimitBytes = 1 << 20;

/** Looks at a repository's UI folders; `files` are those that git does not ignore, relative to `topDir`. What can't be read says nothing here. */
export async function readUi(topDir: string, files: readonly string[]): Promise<UiFacts> {
  const own = files.filter((path) => !isExcludedPath(path));
  const manifests = own.filter((path) => posix.basename(path) === 'package.json');
  if (manifests.length === 0) return noUi;
  const read = reader(topDir);
  const listed = new Set(own);
  const unignored = new Set(files);
  const locks = own.filter((path) => /^(?:package-lock|npm-shrinkwrap)\.json$/.test(posix.basename(path)));
  const [gaps, imports, typed, lockFacts] = await Promise.all([
    Promise.all(manifests.map((path) => gapsOf(path, listed, read))),
    readStrayImports(topDir, { topDir, isUntracked: (path) => unignored.has(path) }),
    readTypedFolders(topDir, own),
    Promise.all(locks.map((path) => lockFactsOf(path, listed, read))),
  ]);
  return {
    lockGaps: gaps.flat(),
    strayImports: imports,
    typedFolders: typed,
    platformGaps: lockFacts.flatMap((facts) => facts.platformGaps),
    foreignSources: lockFacts.flatMap((facts) => facts.foreignSources),
  };
}

/** What a lock file says by itself, with the .npmrc files of its folder and of those above. */
async function lockFactsOf(
  path: string,
  listed: ReadonlySet<string>,
  read: Read,
): Promise<Pick<UiFacts, 'platformGaps' | 'foreignSources'>> {
  const text = (await read(path)) ?? '';
  const npmrc: string[] = [];
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    const file = posix.join(folder, '.npmrc');
    if (listed.has(file)) npmrc.push((await read(file)) ?? '');
    if (folder === '.') break;
  }
  return {
    platformGaps: platformGaps({ path, text }),
    foreignSources: foreignSources({ path, text }, npmrc.join('\n')),
  };
}

/** The folders with a package.json and a tsconfig.json among a repository's files. */
export async function readTypedFolders(topDir: string, files: readonly string[]): Promise<readonly TypedFolder[]> {
  const listed = new Set(files);
  const read = reader(topDir);
  const manifests = files.filter((path) => posix.basename(path) === 'package.json' && !isExcludedPath(path));
  const typed = await Promise.all(manifests.map((path) => typedFolder(posix.dirname(path), listed, read)));
  return typed.flatMap((folder) => (folder === undefined ? [] : [folder]));
}

/**
 * The imports of a repository's committed scripts that find their files in somebody's work tree only; none without git or a package.json.
 * `checkout` is where the committed files are read, which may be the same work tree.
 */
export async function readStrayImports(
  checkout: string,
  work: { readonly topDir: string; readonly isUntracked: (path: string) => boolean },
): Promise<readonly StrayImport[]> {
  const known = await trackedFiles(checkout);
  if (!known.ok || !known.value.some((path) => posix.basename(path) === 'package.json')) return [];
  const tracked = new Set(known.value);
  const read = reader(checkout);
  const here = (path: string): 'untracked' | 'ignored' | undefined =>
    work.isUntracked(path) ? 'untracked' : isMade(path) || !existsSync(join(work.topDir, path)) ? undefined : 'ignored';
  const trackedByLowerCase = new Map(known.value.map((path) => [path.toLowerCase(), path]));
  const aliases = aliasReader(tracked, read);
  const scripts = known.value.filter((path) => scriptPattern.test(path) && !isExcludedPath(path));
  const found: StrayImport[] = [];
  for (const path of scripts) {
    const text = await read(path);
    if (text === undefined || !/\b(?:import|require|from)\b/.test(text)) continue;
    const script = { path, text, aliases: await aliases(posix.dirname(path)) };
    found.push(...strayImports(script, { tracked, trackedByLowerCase, here }));
  }
  return found;
}

// What a build makes there is made again in CI.
const madeFolders = /(?:^|\/)(?:node_modules|dist|build|out|coverage|generated|__generated__|\.[^/]+)\//;

function isMade(path: string): boolean {
  return madeFolders.test(path);
}

type Read = (path: string) => Promise<string | undefined>;

function reader(topDir: string): Read {
  return async (path) => {
    const full = join(topDir, path);
    try {
      const isScript = scriptPattern.test(path);
      if (isScript && (await stat(full)).size > scriptLimitBytes) return undefined;
      return await readFile(full, 'utf8');
    } catch {
      return undefined;
    }
  };
}

// npm takes the shrinkwrap when there are both.
const lockFiles = [
  { name: 'npm-shrinkwrap.json', manager: 'npm', gaps: lockGaps },
  { name: 'package-lock.json', manager: 'npm', gaps: lockGaps },
  { name: 'pnpm-lock.yaml', manager: 'pnpm', gaps: pnpmGaps },
  { name: 'bun.lock', manager: 'bun', gaps: bunGaps },
  { name: 'yarn.lock', manager: 'yarn', gaps: yarnGaps },
] as const;

/** The lock file that the package manager reads for a package: its own, or that of a folder above, whose workspace it may be. */
async function gapsOf(path: string, listed: ReadonlySet<string>, read: Read): Promise<UiFacts['lockGaps']> {
  const text = (await read(path)) ?? '';
  const declared = /"packageManager"\s*:\s*"(\w+)@/.exec(text)?.[1];
  for (let dir = posix.dirname(path); ; dir = posix.dirname(dir)) {
    const there = lockFiles.filter(({ name }) => listed.has(posix.join(dir, name)));
    // Of several the one that package.json is for: the other may lie there forgotten.
    const found = there.find(({ manager }) => manager === declared) ?? there[0];
    if (found !== undefined) {
      const lock = posix.join(dir, found.name);
      const lockText = await read(lock);
      if (text === '' || lockText === undefined) return [];
      return found.gaps({ manifest: { path, text }, lock: { path: lock, text: lockText } });
    }
    if (dir === '.') return [];
  }
}

/** A folder whose types plain tsc checks; single-file components have checkers of their own. */
async function typedFolder(dir: string, listed: ReadonlySet<string>, read: Read): Promise<TypedFolder | undefined> {
  const path = posix.join(dir, 'tsconfig.json');
  if (!listed.has(path)) return undefined;
  const [manifest, config] = await Promise.all([read(posix.join(dir, 'package.json')), read(path)]);
  const { root } = readJson(manifest ?? '');
  const dependsOn = (name: string): boolean =>
    ['dependencies', 'devDependencies'].some((table) => jsonAt(root, table, name) !== undefined);
  if (['vue', 'svelte', 'astro', '@angular/core'].some(dependsOn)) return undefined;
  const files = jsonAt(readJson(config ?? '').root, 'files');
  // A file that only refers to others checks nothing by itself.
  const isSolution = files?.kind === 'array' && files.items.length === 0;
  const scripts = (jsonAt(root, 'scripts')?.members ?? []).map(([name, text]) => [name.text, text.text] as const);
  const command = isSolution ? 'npx tsc -b --noEmit' : 'npx tsc --noEmit';
  return { dir, path, command, scripts: Object.fromEntries(scripts) };
}

/** Gives the aliases of a folder's nearest tsconfig.json (or jsconfig.json), each read once. */
function aliasReader(tracked: ReadonlySet<string>, read: Read): (dir: string) => Promise<readonly Alias[]> {
  const known = new Map<string, Promise<readonly Alias[]>>();
  const of = async (dir: string): Promise<readonly Alias[]> => {
    const path = ['tsconfig.json', 'jsconfig.json', 'tsconfig.app.json']
      .map((name) => posix.join(dir, name))
      .filter((name) => tracked.has(name));
    for (const one of path) {
      const aliases = aliasesOf(readJson((await read(one)) ?? '').root, dir);
      if (aliases.length > 0) return aliases;
    }
    return dir === '.' ? [] : await find(posix.dirname(dir));
  };
  const find = (dir: string): Promise<readonly Alias[]> => {
    const found = known.get(dir) ?? of(dir);
    known.set(dir, found);
    return found;
  };
  return find;
}

function aliasesOf(config: JsonValue | undefined, dir: string): readonly Alias[] {
  const options = jsonAt(config, 'compilerOptions');
  const base = posix.join(dir, jsonAt(options, 'baseUrl')?.text ?? '.');
  return (jsonAt(options, 'paths')?.members ?? []).flatMap(([pattern, targets]): readonly Alias[] => {
    if (!/^[^*]+\*$/.test(pattern.text)) return [];
    const folders = targets.items.flatMap(({ text }) =>
      /^[^*]*\*$/.test(text) ? [posix.join(base, text.slice(0, -1))] : [],
    );
    return [{ prefix: pattern.text.slice(0, -1), folders }];
  });
}
