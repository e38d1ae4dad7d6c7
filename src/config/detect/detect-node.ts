import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { canonicalJson, compareBytes, sha256 } from '../../core/digest.ts';
import { ok, type Result } from '../../core/result.ts';
import { cachedNodeVersion, cacheNodeVersion } from '../config-cache.ts';
import { isProjectFile, projectFilesNamed, type Listing } from './files.ts';
import type { Repo } from './repo.ts';

/** What says whether a project's JavaScript has anything to run, and on which Node. Of pnpm's files only that they are there. */
const names = [
  'package.json',
  'tsconfig.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  '.nvmrc',
  '.node-version',
  '.tool-versions',
];

/**
 * The Node that detection would choose for a project, undefined for none: what a parity.yaml leaves out most often, told from the few files
 * that decide it. Git is asked where they are when no listing is given, or none can tell. Err as projectFiles.
 */
export async function detectNode(dir: string, listing?: Listing): Promise<Result<string | undefined>> {
  const given = await listing?.();
  // Of tens of thousands of paths, at every run.
  const named = given?.filter((path) => names.includes(path.slice(path.lastIndexOf('/') + 1)));
  const listed = named === undefined ? await projectFilesNamed(dir, names) : ok(named);
  if (!listed.ok) return listed;
  const own = listed.value.filter(isProjectFile).sort(compareBytes);
  if (!own.some((path) => posix.basename(path) === 'package.json')) return ok(undefined);
  const texts = new Map<string, string>();
  await Promise.all(
    own.map(async (path) => {
      const text = await readFile(join(dir, path), 'utf8').catch(gone);
      // As detect/repo has them.
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

/** What is gone is undefined; what can't be read counts as empty. */
function gone(error: NodeJS.ErrnoException): string | undefined {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? undefined : '';
}
