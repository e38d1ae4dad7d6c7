import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { canonicalJson, compareBytes, sha256 } from '../../core/digest.ts';
import { ok, type Result } from '../../core/result.ts';
import { cachedNodeDefaults, cacheNodeDefaults, type NodeDefaults } from '../config-cache.ts';
import { isProjectFile, projectFilesNamed, type Listing } from './files.ts';
import { declaringText, type Repo } from './repo.ts';

/** The files that decide whether a project's JavaScript has steps, on which Node, and by which package managers. */
const names = [
  'package.json',
  'tsconfig.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'yarn.lock',
  '.yarnrc.yml',
  '.nvmrc',
  '.node-version',
  '.bun-version',
  '.tool-versions',
  'mise.toml',
  '.mise.toml',
];
/** Those of which only their presence counts. */
const presentNames = ['package-lock.json', 'npm-shrinkwrap.json', 'bun.lock', 'bun.lockb'];
const listed = [...names, ...presentNames];

/**
 * The Node version and the package managers that detection chooses for a project; none where nothing uses Node. It reads only the few files
 * that decide this, since a parity.yaml mostly leaves it out. Git lists these files when there is no listing, or the listing gives nothing.
 * Err as projectFiles.
 */
export async function detectNode(dir: string, listing?: Listing): Promise<Result<NodeDefaults>> {
  const given = await listing?.();
  // Filters by name first: this handles tens of thousands of paths at every run.
  const named = given?.filter((path) => listed.includes(path.slice(path.lastIndexOf('/') + 1)));
  const found = named === undefined ? await projectFilesNamed(dir, listed) : ok(named);
  if (!found.ok) return found;
  const own = found.value.filter(isProjectFile).sort(compareBytes);
  if (!own.some((path) => posix.basename(path) === 'package.json')) return ok({});
  const texts = new Map<string, string>();
  await Promise.all(
    own.map(async (path) => {
      const isRead = names.includes(posix.basename(path));
      const text = isRead ? await readFile(join(dir, path), 'utf8').catch(gone) : '';
      if (text !== undefined) texts.set(path, declaringText(path, text));
    }),
  );
  const files = own.filter((path) => texts.has(path));
  const key = sha256(canonicalJson(files.map((path) => [path, texts.get(path)])));
  // What lies above the project decides, too, and is of no key.
  const withAbove = async (defaults: NodeDefaults): Promise<Result<NodeDefaults>> => {
    if (existsSync(join(dir, '.git')) || !texts.has('package.json')) return ok(defaults);
    const { withWorkspaceAbove } = await import('./node-workspace-above.ts');
    return ok(withWorkspaceAbove(dir, defaults));
  };
  const known = cachedNodeDefaults(key);
  if (known !== undefined) return await withAbove(known);
  const repo: Repo = { files, has: (path) => texts.has(path), text: (path) => texts.get(path) };
  const { nodeParts } = await import('./node.ts');
  const { version, managers } = nodeParts(repo);
  const defaults = version === undefined ? {} : { node: version, managers };
  await cacheNodeDefaults(key, defaults);
  return await withAbove(defaults);
}

/** A missing file is undefined; an unreadable one counts as empty. */
function gone(error: NodeJS.ErrnoException): string | undefined {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? undefined : '';
}
