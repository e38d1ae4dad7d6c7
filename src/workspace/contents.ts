import { existsSync, lstatSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256, shortDigest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { cacheDir } from '../core/paths.ts';
import { err, ok, type Result } from '../core/result.ts';
import { headCommit, isDirty, type GitProblem } from '../git/git.ts';
import { isEscapedPath, pathBytes } from '../git/path-name.ts';
import { indexedPaths, visiblePaths, workTreeStatus } from '../git/work-tree.ts';
import { digestFile, modeOf, unreadable } from './digest-file.ts';
import { inPathOrder, type FileState } from './file-state.ts';
import { emptyStatCache, readStatCache, writeStatCache, type StatCache, type StatEntry } from './stat-cache.ts';
import { walkFolder } from './walk.ts';

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
  readonly remember: () => Promise<void>;
}

/** How to look. */
export interface ContentsOptions {
  /** The folder of parity's cache; what of it lies in the workspace is none of its files. */
  readonly cacheDir?: string;
  /** Nobody wants it any more: Err `interrupted`. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

// A file whose times are no older than this when it is read may be written once more within the same tick of its file system's clock:
// its stat data prove nothing yet (git calls it racily clean).
const racyMs = 1000;
// Other work gets its turn in between.
const batchFiles = 1000;
const batchBytes = 16 * 1024 * 1024;
const largeAtOnce = 8;

/**
 * Reads what a workspace shows. A file whose stat data (size, times, inode, mode) are as the last time is not read again. Without
 * git, all files count but those that tools make for themselves. Err `repository-invalid` when git refuses to answer, `io` when the
 * folder can't be read.
 */
export async function readContents(root: string, options: ContentsOptions = {}): Promise<Result<Contents>> {
  const cacheFolder = options.cacheDir ?? cacheDir();
  const cacheFile = join(cacheFolder, 'contents', `${shortDigest(sha256(root))}.stats`);
  const isOwn = insideTest(relative(root, cacheFolder));
  const reading: Reading = {
    root,
    cache: emptyStatCache,
    now: options.now ?? Date.now,
    signal: options.signal,
    files: [],
    learnt: [],
    large: [],
    repositories: [],
    links: [],
    known: 0,
  };
  const listing = startListing(root);
  const finished = (contents: Contents): Result<Contents> =>
    options.signal?.aborted === true ? err(failure('interrupted', 'interrupted')) : ok(contents);
  reading.cache = await readStatCache(cacheFile);
  const tracked = await listing.tracked;
  if (!tracked.ok) {
    if (tracked.error.reason === 'git-refused') return err(refused(tracked.error));
    const walked = (await walkFolder(root)).filter((path) => !isOwn(path));
    if (walked.length === 0 && !existsSync(root)) return err(failure('io', `the folder ${root} is gone`));
    await readFiles(reading, walked);
    return finished(contentsOf(reading, { commit: null, dirty: false, repositories: [] }, cacheFile));
  }
  await readFiles(reading, tracked.value);
  const status = await listing.status;
  if (!status.ok) return err(refused(status.error));
  const untracked = status.value.untracked.filter((path) => !isOwn(path));
  const linksBefore = reading.links.length;
  await readFiles(reading, untracked);
  hideBehind(reading, reading.links.slice(linksBefore));
  const nested = await readRepositories(reading);
  const repositories = existsSync(join(root, '.git')) ? ['', ...nested] : nested;
  const { commit, changed } = status.value;
  const dirty = commit !== undefined && (changed || untracked.length > 0);
  return finished(contentsOf(reading, { commit: commit ?? null, dirty, repositories }, cacheFile));
}

interface Reading {
  readonly root: string;
  cache: StatCache;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
  files: FileState[];
  /** To be remembered. */
  learnt: StatEntry[];
  readonly large: Promise<void>[];
  /** Folders that are repositories of their own. */
  readonly repositories: string[];
  readonly links: string[];
  /** How many files had not to be read. */
  known: number;
}

interface Status {
  readonly commit: string | undefined;
  readonly changed: boolean;
  readonly untracked: readonly string[];
}

interface Listing {
  readonly tracked: Promise<Result<readonly string[], GitProblem>>;
  readonly status: Promise<Result<Status, GitProblem>>;
}

/** Two gits at once: the index is told in a moment, what is not in it takes a walk. */
function startListing(root: string): Listing {
  // The status speaks of a whole repository; for a folder inside one, each thing is asked by itself.
  if (!existsSync(join(root, '.git'))) return { tracked: visiblePaths(root), status: statusOfFolder(root) };
  return { tracked: indexedPaths(root), status: statusOfRepository(root) };
}

async function statusOfRepository(root: string): Promise<Result<Status, GitProblem>> {
  const status = await workTreeStatus(root);
  return status.ok ? ok({ ...status.value, changed: status.value.changed.length > 0 }) : status;
}

async function statusOfFolder(root: string): Promise<Result<Status, GitProblem>> {
  const [commit, dirty] = await Promise.all([headCommit(root), isDirty(root)]);
  if (!commit.ok) return commit;
  return dirty.ok ? ok({ commit: commit.value, changed: dirty.value, untracked: [] }) : dirty;
}

async function readFiles(reading: Reading, paths: readonly string[], prefix = ''): Promise<void> {
  const { root, cache, now, files, learnt, large } = reading;
  let begun = now();
  let seen = 0;
  let readBytes = 0;
  for (const name of paths) {
    seen += 1;
    if (seen >= batchFiles || readBytes >= batchBytes) {
      await setImmediate();
      if (reading.signal?.aborted === true) return;
      begun = now();
      seen = 0;
      readBytes = 0;
    }
    const path = prefix === '' ? name : `${prefix}${name}`;
    if (path.endsWith('/')) {
      reading.repositories.push(path);
      continue;
    }
    const onDisk = isEscapedPath(path) ? pathBytes(`${root}/${path}`) : `${root}/${path}`;
    const stat = statOf(onDisk);
    if (stat === unreadable) {
      files.push({ path, mode: '100644', digest: unreadable });
      continue;
    }
    if (stat === undefined) continue;
    const mode = modeOf(stat);
    if (mode === undefined) {
      // In the index and a folder: a submodule.
      if (stat.isDirectory()) reading.repositories.push(`${path}/`);
      continue;
    }
    if (mode === '120000') reading.links.push(path);
    const known = cache.lookUp(path, stat);
    if (known !== undefined) {
      reading.known += 1;
      files.push({ path, mode, digest: known });
      learnt.push({ path, stat, digest: known });
      continue;
    }
    const settled = Math.max(stat.mtimeMs, stat.ctimeMs) + racyMs < begun;
    const take = (digest: string | undefined): void => {
      if (digest === undefined) return;
      files.push({ path, mode, digest });
      if (settled && digest !== unreadable) learnt.push({ path, stat, digest });
    };
    readBytes += stat.size;
    const digest = digestFile(onDisk, stat, reading.signal);
    if (!(digest instanceof Promise)) take(digest);
    else {
      large.push(digest.then(take));
      if (large.length >= largeAtOnce) await Promise.all(large.splice(0));
    }
  }
  await Promise.all(large.splice(0));
}

function statOf(path: string | Buffer): Stats | typeof unreadable | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code === 'ELOOP' ? undefined : unreadable;
    throw error;
  }
}

/** What lies behind an untracked symbolic link is not the index's file any more: the link stands in its folder's place. */
function hideBehind(reading: Reading, links: readonly string[]): void {
  const hidden = (path: string): boolean => links.some((link) => path.startsWith(`${link}/`));
  if (links.length === 0) return;
  reading.files = reading.files.filter(({ path }) => !hidden(path));
  reading.learnt = reading.learnt.filter(({ path }) => !hidden(path));
}

/** Submodules and nested repositories, as the files that they are; what is none after all is read as a folder. Gives those that are. */
async function readRepositories(reading: Reading): Promise<readonly string[]> {
  const found: string[] = [];
  for (let folder = reading.repositories.shift(); folder !== undefined; folder = reading.repositories.shift()) {
    const dir = join(reading.root, folder);
    const listed = existsSync(join(dir, '.git')) ? await visiblePaths(dir) : undefined;
    if (listed?.ok === true) found.push(folder.slice(0, -1));
    await readFiles(reading, listed?.ok === true ? listed.value : await walkFolder(dir), folder);
  }
  return found.sort();
}

function contentsOf(
  { files, learnt, cache, known }: Reading,
  head: Pick<Contents, 'commit' | 'dirty' | 'repositories'>,
  cacheFile: string,
): Contents {
  return {
    ...head,
    files: inPathOrder(files),
    // Nothing new and next to nothing gone: it says all already.
    remember: async () => {
      if (learnt.length > known || known < cache.size * 0.9) await writeStatCache(cacheFile, learnt);
    },
  };
}

function refused({ message, next }: GitProblem): ReturnType<typeof failure> {
  return failure('repository-invalid', message, next === undefined ? {} : { next });
}

/** True for paths in a folder that is given relative to the root; never when it lies outside. */
function insideTest(folder: string): (path: string) => boolean {
  const path = folder.split(sep).join('/');
  if (path === '' || path === '..' || path.startsWith('../')) return () => false;
  return (candidate) => candidate === path || candidate.startsWith(`${path}/`);
}
