import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { canonicalJson, compareBytes, sha256 } from '../../core/digest.ts';
import { ok, type Result } from '../../core/result.ts';
import { cachedNodeVersion, cacheNodeVersion } from '../config-cache.ts';
import { isProjectFile, projectFilesNamed, type Listing } from './files.ts';
import type { Repo } from './repo.ts';

/** The files that decide whether a project's JavaScript has steps, and on which Node. Of pnpm's files only their presence counts. */
const names = [
  'package.json',
  'tsconfig.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  '.nvmrc',
  '.node-version',
  '.tool-versions',
  'mise.toml',
  '.mise.toml',
];

/**
 * The Node version that detection chooses for a project, undefined for none. It reads only the few files that decide this, since `node` is
 * what a parity.yaml leaves out most often. Git lists these files when there is no listing, or the listing gives nothing. Err as projectFiles.
 */
export async function detectNode(dir: string, listing?: Listing): Promise<Result<string | undefined>> {
  const given = await listing?.();
  // Filters by name first: this handles tens of thousands of paths at every run.
  const named = given?.filter((path) => names.includes(path.slice(path.lastIndexOf('/') + 1)));
  const listed = named === undefined ? await projectFilesNamed(dir, names) : ok(named);
  if (!listed.ok) return listed;
  const own = listed.value.filter(isProjectFile).sort(compareBytes);
  if (!own.some((path) => posix.basename(path) === 'package.json')) return ok(undefined);
  const texts = new Map<string, string>();
  await Promise.all(
    own.map(async (path) => {
      const text = await readFile(join(dir, path), 'utf8').catch(gone);
      // Normalised as readRepo does.
      if (text !== undefined) texts.set(path, text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
    }),
  );
  const files = own.filter((path) => texts.has(path));
  const read = files.map((path) => [path, posix.basename(path).startsWith('pnpm-') ? null : texts.get(path)]);
  const key = sha256(canonicalJson(read));
  const known = cachedNodeVersion(key);
  if (known !== undefined) return ok(known ?? undefined);
  const repo: Repo = { files, has: (path) => texts.has(path), text: (path) => texts.get(path) };
  const { nodeParts } = await import('./node.ts');
  const { version } = nodeParts(repo);
  await cacheNodeVersion(key, version);
  return ok(version);
}

/** A missing file is undefined; an unreadable one counts as empty. */
function gone(error: NodeJS.ErrnoException): string | undefined {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? undefined : '';
}
