import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { cacheFolder } from '../core/cache-folders.ts';
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
  /** Saves what was learnt for the next time; call it when nobody waits. Never fails. */
  readonly saveCache: () => Promise<void>;
  /** Looks again: gives the files as they are by now, the very same list when nothing has changed. Err as readContents. */
  readonly refresh: () => Promise<Result<readonly FileState[]>>;
}

/** How to look. */
export interface ContentsOptions {
  /** The folder of parity's cache; what of it lies in the workspace is none of its files. */
  readonly cacheDir?: string;
  /** Nobody wants it any more: Err `interrupted`. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** What git has been asked already; for another folder, it is of no use. */
  readonly prefetch?: GitPrefetch | undefined;
}

// So many files, or so many bytes, are read again each time rather than remembered for the next time.
const smallFiles = 64;
const smallBytes = 1024 * 1024;
// What is known of so many files takes some MiB.
const manyFiles = 20_000;

/**
 * Reads what a workspace shows. A file whose stat data (size, times, inode, mode) are as the last time is not read again, and while git's
 * index is the same, git says which files have other stat data. Without git, all files count but those that tools make for themselves. Err
 * `repository-invalid` when git refuses to answer, `io` when the folder can't be read.
 */
export async function readContents(root: string, options: ContentsOptions = {}): Promise<Result<Contents>> {
  const cache = options.cacheDir ?? cacheDir();
  const cacheFile = join(cacheFolder('contents', cache), `${shortDigest(sha256(root))}.stats`);
  const place: ReadContext = {
    root,
    isOwn: insideTest(relative(root, cache)),
    now: options.now ?? Date.now,
    signal: options.signal,
  };
  const seen = await takeSnapshot(place, cacheFile, options.prefetch);
  if (!seen.ok) return seen;
  if (options.signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
  const { files, head, statsToStore: toKeep } = seen.value;
  return ok({
    ...head,
    files,
    async saveCache() {
      const kept = toKeep();
      if (kept !== undefined) await writeStatCache(cacheFile, kept);
    },
    refresh: () => refreshFiles(place, seen.value),
  });
}

interface ReadContext {
  readonly root: string;
  readonly isOwn: (path: string) => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

type Head = Pick<Contents, 'commit' | 'dirty' | 'repositories'>;

/** A look and what the next one may build upon. */
interface Snapshot {
  readonly files: readonly FileState[];
  readonly head: Head;
  /** Undefined when there is nothing new to remember. */
  readonly statsToStore: () => StatsToStore | undefined;
  /** What was learnt of the files that the index does not vouch for; of all files when it vouches for none. */
  readonly statCache: () => StatCache;
  /** What the index vouches for; undefined for nothing. */
  readonly unchanged: () => UnchangedFiles | undefined;
}

interface UnchangedFiles {
  /** The index's stamp. */
  readonly index: string;
  /** Tracked paths that must be looked at. */
  readonly unvouched: readonly string[];
  /** The files that need not be, but these. */
  readonly files: (but: ReadonlySet<string>) => FileState[];
}

interface Status {
  readonly commit: string | undefined;
  readonly changed: boolean;
  readonly untracked: readonly string[];
}

async function takeSnapshot(
  place: ReadContext,
  cacheFile: string,
  early: GitPrefetch | undefined,
): Promise<Result<Snapshot>> {
  const { root, now } = place;
  // The status speaks of a whole repository; for a folder inside one, each thing is asked by itself.
  if (!existsSync(join(root, '.git'))) return await readFolder(place, readStatCache(cacheFile));
  const begun = early?.root === root ? early : undefined;
  const index = begun === undefined ? stampIndex(root, now()) : begun.index;
  const asked = statusOfRepository(begun?.status ?? workTreeStatus(root));
  const cache = readStatCache(cacheFile);
  if (cache.size > manyFiles) await keepYoungGenerationSmall();
  const { indexRecord: vouching } = cache;
  if (index !== undefined && vouching?.index === index.text) {
    const known = { ...vouching, files: cache.unchangedFiles };
    const [dirty, status] = await Promise.all([begun?.dirty ?? statDirtyFiles(root), asked]);
    if (dirty.ok && status.ok && index.isCurrent()) {
      const rest = await readPossiblyChanged(place, known, {
        cache,
        dirty: dirty.value,
        untracked: status.value.untracked,
      });
      return ok(snapshotByIndex(place, cache, { ...rest, known, status: status.value }));
    }
  }
  return await readAllByStat(place, { cache, index, asked });
}

/** What the index does not vouch for, read, and the whole that comes of it. */
interface ChangedFilesRead {
  readonly files: readonly FileState[];
  readonly reading: FileReading;
  readonly repositories: readonly string[];
  /** All tracked paths that were looked at. */
  readonly readPaths: ReadonlySet<string>;
  /** Untracked ones, those of parity itself left out. */
  readonly untracked: readonly string[];
}

async function readPossiblyChanged(
  { root, isOwn, now, signal }: ReadContext,
  known: UnchangedFiles,
  found: { readonly cache: StatCache; readonly dirty: readonly string[]; readonly untracked: readonly string[] },
): Promise<ChangedFilesRead> {
  const looked = new Set([...known.unvouched, ...found.dirty]);
  const vouched = known.files(looked);
  const reading = startReading({ root, cache: found.cache, now, signal });
  await readFiles(reading, [...looked]);
  const untracked = found.untracked.filter((path) => !isOwn(path));
  const repositories = await readUntracked(reading, untracked);
  return { files: addInPathOrder(vouched, reading.files), reading, repositories, readPaths: looked, untracked };
}

function snapshotByIndex(
  { root }: ReadContext,
  cache: StoredStats,
  {
    files,
    reading,
    repositories,
    readPaths: looked,
    untracked,
    known,
    status,
  }: ChangedFilesRead & { known: UnchangedFiles; status: Status },
): Snapshot {
  const learnt = once(() => statCacheOf(reading.newStats));
  const unvouched = [...looked];
  return {
    files,
    head: headOf(root, status, { untracked, repositories }),
    statCache: learnt,
    statsToStore() {
      const news = reading.newStats.length - reading.cacheHits;
      const there = files.length - reading.files.length + reading.cacheHits;
      if (news <= smallFiles && reading.readBytes <= smallBytes && there >= cache.size * 0.9) return undefined;
      return {
        unchanged: cache.unchangedEntries(looked),
        others: reading.newStats.filter(({ path }) => canCachePath(path)),
        indexRecord: { index: known.index, unvouched },
      };
    },
    unchanged: () => ({ index: known.index, unvouched, files: withoutPaths(files, reading) }),
  };
}

/** Every file by its own stat data. */
async function readAllByStat(
  place: ReadContext,
  {
    cache,
    index,
    asked,
  }: {
    readonly cache: StoredStats;
    readonly index: IndexStamp | undefined;
    readonly asked: Promise<Result<Status, GitProblem>>;
  },
): Promise<Result<Snapshot>> {
  const { root, isOwn, now, signal } = place;
  const mayVouch = index?.isSettled === true;
  const [tracked, dirty] = [indexedFiles(root), mayVouch ? statDirtyFiles(root) : undefined];
  const reading = startReading({ root, cache, now, signal });
  const indexed = await tracked;
  if (!indexed.ok) {
    if (indexed.error.reason === 'git-refused') return err(repositoryInvalid(indexed.error));
    return await readFolder(place, cache);
  }
  if (indexed.value.paths.length > manyFiles) await keepYoungGenerationSmall();
  await readFiles(reading, indexed.value.paths);
  const [status, differing] = await Promise.all([asked, dirty]);
  if (!status.ok) return err(repositoryInvalid(status.error));
  const untracked = status.value.untracked.filter((path) => !isOwn(path));
  const repositories = await readUntracked(reading, untracked);
  const head = headOf(root, status.value, { untracked, repositories });
  if (differing?.ok !== true || index?.isCurrent() !== true) return ok(snapshotByStats(reading, head, cache));
  return ok(
    snapshotByStats(reading, head, cache, { index: index.text, dirty: differing.value, indexed: indexed.value }),
  );
}

/** A folder that is no repository's top: inside one, or without git. */
async function readFolder(place: ReadContext, cache: StoredStats): Promise<Result<Snapshot>> {
  const { root, isOwn, now, signal } = place;
  const [tracked, status] = await Promise.all([visiblePaths(root), statusOfFolder(root)]);
  const reading = startReading({ root, cache, now, signal });
  if (!tracked.ok) {
    if (tracked.error.reason === 'git-refused') return err(repositoryInvalid(tracked.error));
    const walked = (await walkFolder(root)).filter((path) => !isOwn(path));
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
  const learnt = once(() => reading.newStats.filter(({ path }) => canCachePath(path)));
  // By the index: what is tracked in the plain way, not dirty, and known by its stat data.
  const vouched = once(() => {
    if (git === undefined) return undefined;
    const known = new Set(learnt().map(({ path }) => path));
    const not = new Set([...git.dirty, ...git.indexed.unreliable]);
    const isVouched = (path: string): boolean => known.has(path) && !not.has(path);
    const unvouched = git.indexed.paths.filter((path) => !isVouched(path));
    const tracked = new Set(git.indexed.paths.filter(isVouched));
    return tracked.size === 0 ? undefined : { index: git.index, unvouched, tracked };
  });
  return {
    files,
    head,
    statCache: once(() => statCacheOf(reading.newStats)),
    statsToStore() {
      const by = vouched();
      // Nothing new and next to nothing gone: it says all already.
      const isNews = reading.newStats.length > reading.cacheHits || reading.cacheHits < cache.size * 0.9;
      if (!isNews && (by === undefined || by.index === cache.indexRecord?.index)) return undefined;
      const isVouched = (path: string): boolean => by?.tracked.has(path) === true;
      return {
        unchanged: learnt().filter(({ path }) => isVouched(path)),
        others: learnt().filter(({ path }) => !isVouched(path)),
        indexRecord: by === undefined ? undefined : { index: by.index, unvouched: by.unvouched },
      };
    },
    unchanged() {
      const by = vouched();
      if (by === undefined) return undefined;
      const { index, unvouched, tracked } = by;
      return {
        index,
        unvouched,
        files: (but) => files.filter(({ path }) => tracked.has(path) && !but.has(path)),
      };
    },
  };
}

/** What has become of the files since a look: where the index vouched then, only what it does not vouch for now is looked at. */
async function refreshFiles(place: ReadContext, seen: Snapshot): Promise<Result<readonly FileState[]>> {
  const files = (await refreshByIndex(place, seen)) ?? (await refreshAll(place, seen));
  if (!files.ok) return files;
  if (place.signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
  return ok(areSame(seen.files, files.value) ? seen.files : files.value);
}

async function refreshByIndex(place: ReadContext, seen: Snapshot): Promise<Result<readonly FileState[]> | undefined> {
  const { root, now } = place;
  const known = seen.unchanged();
  const index = known === undefined ? undefined : stampIndex(root, now());
  if (known === undefined || index?.text !== known.index) return undefined;
  const found = await possiblyChangedFiles(root);
  if (!found.ok || !index.isCurrent()) return undefined;
  const rest = await readPossiblyChanged(place, known, { cache: seen.statCache(), ...found.value });
  return ok(rest.files);
}

async function refreshAll(place: ReadContext, seen: Snapshot): Promise<Result<readonly FileState[]>> {
  const { root } = place;
  const cache: StoredStats = {
    ...seen.statCache(),
    indexRecord: undefined,
    unchangedFiles: () => [],
    unchangedEntries: () => [],
  };
  if (!existsSync(join(root, '.git'))) {
    const again = await readFolder(place, cache);
    return again.ok ? ok(again.value.files) : again;
  }
  const again = await readAllByStat(place, {
    cache,
    index: undefined,
    asked: statusOfRepository(workTreeStatus(root)),
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

/** The files of a look that were not read for it. */
function withoutPaths(files: readonly FileState[], reading: FileReading): UnchangedFiles['files'] {
  const read = new Set(reading.files);
  return (but) => files.filter((file) => !read.has(file) && !but.has(file.path));
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

async function statusOfRepository(asked: ReturnType<typeof workTreeStatus>): Promise<Result<Status, GitProblem>> {
  const status = await asked;
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

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** True for paths in a folder that is given relative to the root; never when it lies outside. */
function insideTest(folder: string): (path: string) => boolean {
  const path = folder.split(sep).join('/');
  if (path === '' || path === '..' || path.startsWith('../')) return () => false;
  return (candidate) => candidate === path || candidate.startsWith(`${path}/`);
}
