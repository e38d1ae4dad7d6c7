import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { keepYoungGenerationSmall } from '../core/young-generation.ts';
import { headCommit, isDirty, type GitProblem } from '../git/git.ts';
import { statDirtyFiles } from '../git/possibly-changed.ts';
import { indexedFiles, visiblePaths, workTreeStatus, type IndexedFiles } from '../git/work-tree.ts';
import { addInPathOrder, inPathOrder, type FileState } from './file-state.ts';
import type { GitPrefetch } from './git-prefetch.ts';
import { dropFilesBehindLinks, readFiles, readRepositories, startReading, type FileReading } from './file-reading.ts';
import { stampIndex, type IndexStamp } from './work-tree-stamp.ts';
import {
  canCachePath,
  readStatCache,
  statCacheOf,
  type StoredStats,
  type StatCache,
  type StatsToStore,
} from './stat-cache.ts';
import { walkFolder } from './walk-folder.ts';

// So many files, or so many bytes, are read again each time rather than saved to the cache.
const smallFiles = 64;
const smallBytes = 1024 * 1024;
// The cache's entries of so many files take some MiB.
const manyFiles = 20_000;

/** Where a workspace stands: its repositories, and its commit. */
export interface ContentsHead {
  /** The folders that are repositories, parents first, relative to the root: it (`''`), its submodules and nested ones; empty without git. */
  readonly repositories: readonly string[];
  /** HEAD; null without git or before the first commit. */
  readonly commit: string | null;
  /** True when the files are not those of the commit. */
  readonly dirty: boolean;
}

/** How one workspace is read. */
export interface ReadContext {
  readonly root: string;
  readonly isParityFile: (path: string) => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

/** The files at one moment, and what the next snapshot may build upon. */
export interface Snapshot {
  readonly files: readonly FileState[];
  readonly head: ContentsHead;
  /** Undefined when the cache needs no new entries. */
  readonly statsToStore: () => StatsToStore | undefined;
  /** The stat entries of the files that are possibly changed; of all files when none is known by the index. */
  readonly statCache: () => StatCache;
  /** What is unchanged since the index; undefined when no file is known by it. */
  readonly unchanged: () => UnchangedFiles | undefined;
}

interface UnchangedFiles {
  /** The index's stamp. */
  readonly index: string;
  /** Tracked paths that must be read. */
  readonly possiblyChanged: readonly string[];
  /** The files that need not be read, except these. */
  readonly files: (except: ReadonlySet<string>) => FileState[];
}

interface Status {
  readonly commit: string | undefined;
  readonly changed: boolean;
  readonly untracked: readonly string[];
}

/** Reads the files as they are at one moment; `given` is used when it is about this root. Err as readContents. */
export async function takeSnapshot(
  context: ReadContext,
  cacheFile: string,
  given: GitPrefetch | undefined,
): Promise<Result<Snapshot>> {
  const { root, now } = context;
  // git's status is of a whole repository; for a folder inside one, each part is asked by itself.
  if (!existsSync(join(root, '.git'))) return await readFolder(context, readStatCache(cacheFile));
  const prefetch = given?.root === root ? given : undefined;
  const index = prefetch === undefined ? stampIndex(root, now()) : prefetch.index;
  const statusPromise = statusOfRepository(prefetch?.status ?? workTreeStatus(root));
  const cache = readStatCache(cacheFile);
  if (cache.size > manyFiles) await keepYoungGenerationSmall();
  const { indexRecord } = cache;
  if (index !== undefined && indexRecord?.index === index.text) {
    const recorded = { ...indexRecord, files: cache.unchangedFiles };
    const [dirty, status] = await Promise.all([prefetch?.dirty ?? statDirtyFiles(root), statusPromise]);
    if (dirty.ok && status.ok && index.isCurrent()) {
      const rest = await readPossiblyChanged(context, recorded, {
        cache,
        dirty: dirty.value,
        untracked: status.value.untracked,
      });
      return ok(snapshotByIndex(context, cache, { ...rest, recorded, status: status.value }));
    }
  }
  return await readAllByStat(context, { cache, index, statusPromise });
}

/** The possibly changed files, read, and all files with them. */
interface ChangedFilesRead {
  readonly files: readonly FileState[];
  readonly reading: FileReading;
  readonly repositories: readonly string[];
  /** All tracked paths that were read. */
  readonly readPaths: ReadonlySet<string>;
  /** Untracked ones, parity's cache left out. */
  readonly untracked: readonly string[];
}

/** Reads the files that are possibly changed since an index record, and adds those that are not. */
export async function readPossiblyChanged(
  { root, isParityFile, now, signal }: ReadContext,
  recorded: UnchangedFiles,
  found: { readonly cache: StatCache; readonly dirty: readonly string[]; readonly untracked: readonly string[] },
): Promise<ChangedFilesRead> {
  const readPaths = new Set([...recorded.possiblyChanged, ...found.dirty]);
  const unchanged = recorded.files(readPaths);
  const reading = startReading({ root, cache: found.cache, now, signal });
  await readFiles(reading, [...readPaths]);
  const untracked = found.untracked.filter((path) => !isParityFile(path));
  const repositories = await readUntracked(reading, untracked);
  return { files: addInPathOrder(unchanged, reading.files), reading, repositories, readPaths, untracked };
}

function snapshotByIndex(
  { root }: ReadContext,
  cache: StoredStats,
  {
    files,
    reading,
    repositories,
    readPaths,
    untracked,
    recorded,
    status,
  }: ChangedFilesRead & { recorded: UnchangedFiles; status: Status },
): Snapshot {
  const statCache = lazy(() => statCacheOf(reading.newStats));
  const possiblyChanged = [...readPaths];
  return {
    files,
    head: headOf(root, status, { untracked, repositories }),
    statCache,
    statsToStore() {
      const newEntries = reading.newStats.length - reading.cacheHits;
      const stillPresent = files.length - reading.files.length + reading.cacheHits;
      if (newEntries <= smallFiles && reading.readBytes <= smallBytes && stillPresent >= cache.size * 0.9)
        return undefined;
      return {
        unchanged: cache.unchangedEntries(readPaths),
        others: reading.newStats.filter(({ path }) => canCachePath(path)),
        indexRecord: { index: recorded.index, possiblyChanged },
      };
    },
    unchanged: () => ({ index: recorded.index, possiblyChanged, files: withoutPaths(files, reading) }),
  };
}

/** Every file by its own stat data. */
export async function readAllByStat(
  context: ReadContext,
  {
    cache,
    index,
    statusPromise,
  }: {
    readonly cache: StoredStats;
    readonly index: IndexStamp | undefined;
    readonly statusPromise: Promise<Result<Status, GitProblem>>;
  },
): Promise<Result<Snapshot>> {
  const { root, isParityFile, now, signal } = context;
  const canRecordIndex = index?.isSettled === true;
  const [tracked, dirty] = [indexedFiles(root), canRecordIndex ? statDirtyFiles(root) : undefined];
  const reading = startReading({ root, cache, now, signal });
  const indexed = await tracked;
  if (!indexed.ok) {
    if (indexed.error.reason === 'git-refused') return err(repositoryInvalid(indexed.error));
    return await readFolder(context, cache);
  }
  if (indexed.value.paths.length > manyFiles) await keepYoungGenerationSmall();
  await readFiles(reading, indexed.value.paths);
  const [status, differing] = await Promise.all([statusPromise, dirty]);
  if (!status.ok) return err(repositoryInvalid(status.error));
  const untracked = status.value.untracked.filter((path) => !isParityFile(path));
  const repositories = await readUntracked(reading, untracked);
  const head = headOf(root, status.value, { untracked, repositories });
  if (differing?.ok !== true || index?.isCurrent() !== true) return ok(snapshotByStats(reading, head, cache));
  return ok(
    snapshotByStats(reading, head, cache, { index: index.text, dirty: differing.value, indexed: indexed.value }),
  );
}

/** A folder that is no repository's top: inside one, or without git. */
export async function readFolder(context: ReadContext, cache: StoredStats): Promise<Result<Snapshot>> {
  const { root, isParityFile, now, signal } = context;
  const [tracked, status] = await Promise.all([visiblePaths(root), statusOfFolder(root)]);
  const reading = startReading({ root, cache, now, signal });
  if (!tracked.ok) {
    if (tracked.error.reason === 'git-refused') return err(repositoryInvalid(tracked.error));
    const walked = (await walkFolder(root)).filter((path) => !isParityFile(path));
    if (walked.length === 0 && !existsSync(root)) return err(failure('io', `the folder ${root} is gone`));
    await readFiles(reading, walked);
    return ok(snapshotByStats(reading, { commit: null, dirty: false, repositories: [] }, cache));
  }
  if (!status.ok) return err(repositoryInvalid(status.error));
  await readFiles(reading, tracked.value);
  const repositories = await readRepositories(reading);
  return ok(snapshotByStats(reading, headOf(root, status.value, { untracked: [], repositories }), cache));
}

function snapshotByStats(
  reading: FileReading,
  head: ContentsHead,
  cache: StoredStats,
  git?: { readonly index: string; readonly dirty: readonly string[]; readonly indexed: IndexedFiles },
): Snapshot {
  const files = inPathOrder(reading.files);
  // Large files are read in the background, so their turn comes later than their place.
  const newStats = lazy(() => inPathOrder(reading.newStats.filter(({ path }) => canCachePath(path))));
  // Unchanged by the index: what is tracked in the plain way, not dirty, and has a stat entry.
  const unchangedByIndex = lazy(() => {
    if (git === undefined) return undefined;
    const recorded = new Set(newStats().map(({ path }) => path));
    const excluded = new Set([...git.dirty, ...git.indexed.unreliable]);
    const isUnchanged = (path: string): boolean => recorded.has(path) && !excluded.has(path);
    const possiblyChanged = git.indexed.paths.filter((path) => !isUnchanged(path));
    const tracked = new Set(git.indexed.paths.filter(isUnchanged));
    return tracked.size === 0 ? undefined : { index: git.index, possiblyChanged, tracked };
  });
  return {
    files,
    head,
    statCache: lazy(() => statCacheOf(reading.newStats)),
    statsToStore() {
      const recorded = unchangedByIndex();
      // Nothing new and next to nothing gone: the cache has it all already.
      const hasNewEntries = reading.newStats.length > reading.cacheHits || reading.cacheHits < cache.size * 0.9;
      if (!hasNewEntries && (recorded === undefined || recorded.index === cache.indexRecord?.index)) return undefined;
      const isUnchanged = (path: string): boolean => recorded?.tracked.has(path) === true;
      return {
        unchanged: newStats().filter(({ path }) => isUnchanged(path)),
        others: newStats().filter(({ path }) => !isUnchanged(path)),
        indexRecord:
          recorded === undefined ? undefined : { index: recorded.index, possiblyChanged: recorded.possiblyChanged },
      };
    },
    unchanged() {
      const recorded = unchangedByIndex();
      if (recorded === undefined) return undefined;
      const { index, possiblyChanged, tracked } = recorded;
      return {
        index,
        possiblyChanged,
        files: (except) => files.filter(({ path }) => tracked.has(path) && !except.has(path)),
      };
    },
  };
}

/** The files of a snapshot that were not read for it. */
function withoutPaths(files: readonly FileState[], reading: FileReading): UnchangedFiles['files'] {
  const read = new Set(reading.files);
  return (except) => files.filter((file) => !read.has(file) && !except.has(file.path));
}

/** What git does not track, and repositories inside this one; gives the folders of these. */
async function readUntracked(reading: FileReading, untracked: readonly string[]): Promise<readonly string[]> {
  const linksBefore = reading.links.length;
  await readFiles(reading, untracked);
  dropFilesBehindLinks(reading, reading.links.slice(linksBefore));
  return await readRepositories(reading);
}

function headOf(
  root: string,
  { commit, changed }: Status,
  { untracked, repositories }: Pick<ChangedFilesRead, 'untracked' | 'repositories'>,
): ContentsHead {
  return {
    commit: commit ?? null,
    dirty: commit !== undefined && (changed || untracked.length > 0),
    repositories: existsSync(join(root, '.git')) ? ['', ...repositories] : repositories,
  };
}

/** What git's status says of a repository. */
export async function statusOfRepository(
  statusPromise: ReturnType<typeof workTreeStatus>,
): Promise<Result<Status, GitProblem>> {
  const status = await statusPromise;
  return status.ok ? ok({ ...status.value, changed: status.value.changed.length > 0 }) : status;
}

async function statusOfFolder(root: string): Promise<Result<Status, GitProblem>> {
  const [commit, dirty] = await Promise.all([headCommit(root), isDirty(root)]);
  if (!commit.ok) return commit;
  return dirty.ok ? ok({ commit: commit.value, changed: dirty.value, untracked: [] }) : dirty;
}

function repositoryInvalid({ message, next }: GitProblem): ReturnType<typeof failure> {
  return failure('repository-invalid', message, next === undefined ? {} : { next });
}

/** Makes a value at its first use. */
function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
