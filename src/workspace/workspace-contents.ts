import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheDir } from '../core/paths.ts';
import { err, ok, type Result } from '../core/result.ts';
import { keepYoungGenerationSmall } from '../core/young-generation.ts';
import { headCommit, isDirty, type GitProblem } from '../git/git.ts';
import { statDirtyFiles, possiblyChangedFiles } from '../git/possibly-changed.ts';
import { indexedFiles, visiblePaths, workTreeStatus, type IndexedFiles } from '../git/work-tree.ts';
import { addInPathOrder, inPathOrder, type FileState } from './file-state.ts';
import type { GitPrefetch } from './git-prefetch.ts';
import { dropFilesBehindLinks, readFiles, readRepositories, startReading, type FileReading } from './file-reading.ts';
import { stampIndex, type IndexStamp } from './work-tree-stamp.ts';
import {
  canCachePath,
  readStatCache,
  statCacheOf,
  writeStatCache,
  type StoredStats,
  type StatCache,
  type StatsToStore,
} from './stat-cache.ts';
import { walkFolder } from './walk-folder.ts';

/** What a workspace shows at one moment. */
export interface Contents {
  /** Every file that is there and that git does not ignore, in byte order: tracked or not, of submodules and nested repositories, too. */
  readonly files: readonly FileState[];
  /** The folders that are repositories, parents first, relative to the root: it (`''`), its submodules and nested ones; empty without git. */
  readonly repositories: readonly string[];
  /** HEAD; null without git or before the first commit. */
  readonly commit: string | null;
  /** True when the files are not those of the commit. */
  readonly dirty: boolean;
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

// So many files, or so many bytes, are read again each time rather than saved to the cache.
const smallFiles = 64;
const smallBytes = 1024 * 1024;
// The cache's entries of so many files take some MiB.
const manyFiles = 20_000;

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

interface ReadContext {
  readonly root: string;
  readonly isParityFile: (path: string) => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

type Head = Pick<Contents, 'commit' | 'dirty' | 'repositories'>;

/** The files at one moment, and what the next snapshot may build upon. */
interface Snapshot {
  readonly files: readonly FileState[];
  readonly head: Head;
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

async function takeSnapshot(
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

async function readPossiblyChanged(
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
async function readAllByStat(
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
async function readFolder(context: ReadContext, cache: StoredStats): Promise<Result<Snapshot>> {
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
  head: Head,
  cache: StoredStats,
  git?: { readonly index: string; readonly dirty: readonly string[]; readonly indexed: IndexedFiles },
): Snapshot {
  const files = inPathOrder(reading.files);
  const newStats = lazy(() => reading.newStats.filter(({ path }) => canCachePath(path)));
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
): Head {
  return {
    commit: commit ?? null,
    dirty: commit !== undefined && (changed || untracked.length > 0),
    repositories: existsSync(join(root, '.git')) ? ['', ...repositories] : repositories,
  };
}

async function statusOfRepository(
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

/** True for paths in a folder that is given relative to the root; never when it lies outside. */
function insideTest(folder: string): (path: string) => boolean {
  const path = folder.split(sep).join('/');
  if (path === '' || path === '..' || path.startsWith('../')) return () => false;
  return (candidate) => candidate === path || candidate.startsWith(`${path}/`);
}
