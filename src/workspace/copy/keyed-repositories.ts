import { join } from 'node:path';
import { sha256, shortDigest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject, shaped } from '../../core/json.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { stampRepository } from '../../git/repository-stamp.ts';
import { readFlattened, type FlattenedRepository } from '../../git/flattened-repository.ts';
import type { GitProblem } from '../../git/git.ts';
import { LinkLost } from './copy-link.ts';

/** A repository whose key is known; the rest is read when it is wanted. */
export interface KeyedRepository {
  /** Relative to the workspace's root; empty for the root. */
  readonly path: string;
  readonly key: string;
  readonly read: () => Promise<FlattenedRepository>;
}

/** The repositories of a workspace with their keys, of those that look as they did the last time without asking git. Throws LinkLost when git refuses. */
export async function keyRepositories(hostRoot: string, paths: readonly string[]): Promise<readonly KeyedRepository[]> {
  return await Promise.all(paths.map((path) => keyRepository(join(hostRoot, path), path)));
}

async function keyRepository(workTree: string, path: string): Promise<KeyedRepository> {
  const memory = join(cacheFolder('repositories'), `${shortDigest(sha256(workTree))}.json`);
  const stamp = await stampRepository(workTree);
  const known = readCachedJson(memory, shaped(isCachedKey));
  const read = async (): Promise<FlattenedRepository> => {
    const flat = await readFlattened(workTree);
    return flat.ok ? flat.value : throwGitProblem(flat.error);
  };
  if (stamp !== undefined && known?.stamp === stamp.text) return { path, key: known.key, read };
  const flat = await read();
  if (stamp?.isSettled === true) await cacheJson(memory, { stamp: stamp.text, key: flat.key } satisfies CachedKey);
  return { path, key: flat.key, read: () => Promise.resolve(flat) };
}

interface CachedKey {
  readonly stamp: string;
  readonly key: string;
}

function isCachedKey(value: unknown): value is CachedKey {
  return isObject(value) && typeof value['stamp'] === 'string' && typeof value['key'] === 'string';
}

/** Throws what git refused as the end of the transfer. */
export function throwGitProblem({ message, next }: GitProblem): never {
  throw new LinkLost(failure('repository-invalid', message, next === undefined ? {} : { next }));
}
