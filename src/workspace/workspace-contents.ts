import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheDir } from '../core/paths.ts';
import { err, ok, type Result } from '../core/result.ts';
import { possiblyChangedFiles } from '../git/possibly-changed.ts';
import { workTreeStatus } from '../git/work-tree.ts';
import { type FileState } from './file-state.ts';
import type { GitPrefetch } from './git-prefetch.ts';
import { stampIndex } from './work-tree-stamp.ts';
import { writeStatCache, type StoredStats } from './stat-cache.ts';

import {
  readAllByStat,
  readFolder,
  readPossiblyChanged,
  statusOfRepository,
  takeSnapshot,
  type ContentsHead,
  type ReadContext,
  type Snapshot,
} from './contents-snapshot.ts';

/** What a workspace shows at one moment. */
export interface Contents extends ContentsHead {
  /** Every file that is there and that git does not ignore, in byte order: tracked or not, of submodules and nested repositories, too. */
  readonly files: readonly FileState[];
  /** Saves new stat entries to the cache, for the next snapshot; call it when no user waits. Never fails. */
  readonly saveCache: () => Promise<void>;
  /** Refreshes: gives the files as they are by now, the very same list when nothing has changed. Err as readContents. */
  readonly refresh: () => Promise<Result<readonly FileState[]>>;
}

/** How to read. */
export interface ContentsOptions {
  /** Parity's cache folder; when it lies in the workspace, its files are left out. */
  readonly cacheDir?: string;
  /** Stops the reading when it is aborted: Err `interrupted`. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** Git's answers that were prefetched; those for another folder are not used. */
  readonly prefetch?: GitPrefetch | undefined;
}

/**
 * Reads what a workspace shows. A file whose stat data (size, times, inode, mode) are as the last time is not read again, and while git's
 * index is the same, git says which files have other stat data. Without git, all files count but those that tools make for themselves. Err
 * `repository-invalid` when git refuses to answer, `io` when the folder can't be read.
 */
export async function readContents(root: string, options: ContentsOptions = {}): Promise<Result<Contents>> {
  const cache = options.cacheDir ?? cacheDir();
  const cacheFile = join(cacheFolder('contents', cache), `${shortDigest(sha256(root))}.stats`);
  const context: ReadContext = {
    root,
    isParityFile: insideTest(relative(root, cache)),
    now: options.now ?? Date.now,
    signal: options.signal,
  };
  const snapshot = await takeSnapshot(context, cacheFile, options.prefetch);
  if (!snapshot.ok) return snapshot;
  if (options.signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
  const { files, head, statsToStore } = snapshot.value;
  return ok({
    ...head,
    files,
    async saveCache() {
      const stats = statsToStore();
      if (stats !== undefined) await writeStatCache(cacheFile, stats);
    },
    refresh: () => refreshFiles(context, snapshot.value),
  });
}

/** The files as they have become since a snapshot: where that one had an index record, only what is possibly changed since is read. */
async function refreshFiles(context: ReadContext, snapshot: Snapshot): Promise<Result<readonly FileState[]>> {
  const files = (await refreshByIndex(context, snapshot)) ?? (await refreshAll(context, snapshot));
  if (!files.ok) return files;
  if (context.signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
  return ok(areSame(snapshot.files, files.value) ? snapshot.files : files.value);
}

async function refreshByIndex(
  context: ReadContext,
  snapshot: Snapshot,
): Promise<Result<readonly FileState[]> | undefined> {
  const { root, now } = context;
  const recorded = snapshot.unchanged();
  const index = recorded === undefined ? undefined : stampIndex(root, now());
  if (recorded === undefined || index?.text !== recorded.index) return undefined;
  const found = await possiblyChangedFiles(root);
  if (!found.ok || !index.isCurrent()) return undefined;
  const rest = await readPossiblyChanged(context, recorded, { cache: snapshot.statCache(), ...found.value });
  return ok(rest.files);
}

async function refreshAll(context: ReadContext, snapshot: Snapshot): Promise<Result<readonly FileState[]>> {
  const { root } = context;
  const cache: StoredStats = {
    ...snapshot.statCache(),
    indexRecord: undefined,
    unchangedFiles: () => [],
    unchangedEntries: () => [],
  };
  if (!existsSync(join(root, '.git'))) {
    const again = await readFolder(context, cache);
    return again.ok ? ok(again.value.files) : again;
  }
  const again = await readAllByStat(context, {
    cache,
    index: undefined,
    statusPromise: statusOfRepository(workTreeStatus(root)),
  });
  return again.ok ? ok(again.value.files) : again;
}

function areSame(before: readonly FileState[], now: readonly FileState[]): boolean {
  if (before.length !== now.length) return false;
  return before.every((file, at) => {
    const other = now[at];
    if (file === other) return true;
    return file.path === other?.path && file.mode === other.mode && file.digest === other.digest;
  });
}

/** True for paths in a folder that is given relative to the root; never when it lies outside. */
function insideTest(folder: string): (path: string) => boolean {
  const path = folder.split(sep).join('/');
  if (path === '' || path === '..' || path.startsWith('../')) return () => false;
  return (candidate) => candidate === path || candidate.startsWith(`${path}/`);
}
