import { existsSync, lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isEscapedPath, pathBytes } from '../git/path-text.ts';
import { visiblePaths } from '../git/work-tree.ts';
import { digestFile, modeOf, unreadable } from './digest-file.ts';
import type { FileState } from './file-state.ts';
import type { StatCache, StatEntry } from './stat-cache.ts';
import { walkFolder } from './walk-folder.ts';

/** Where files are read, and what is known of them. */
export interface FileReadingOptions {
  readonly root: string;
  readonly cache: StatCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

/** Files that are being read, and what was found so far. */
export interface FileReading extends FileReadingOptions {
  files: FileState[];
  /** To be remembered. */
  newStats: StatEntry[];
  readonly large: Promise<void>[];
  /** Folders that are repositories of their own. */
  readonly repositories: string[];
  readonly links: string[];
  /** How many files had not to be read. */
  cacheHits: number;
  /** How many bytes were read. */
  readBytes: number;
}

// A file whose times are no older than this when it is read may be written once more within the same tick of its file system's clock:
// its stat data prove nothing yet (git calls it racily clean).
const racyMs = 1000;
// Other work gets its turn in between.
const batchFiles = 1000;
const batchBytes = 16 * 1024 * 1024;
const largeAtOnce = 8;

/** A reading that has found nothing yet. */
export function startReading(options: FileReadingOptions): FileReading {
  return { ...options, files: [], newStats: [], large: [], repositories: [], links: [], cacheHits: 0, readBytes: 0 };
}

/** Reads files by their paths below a folder (`prefix`, ending in `/`); those that are gone are left out. Ends early once aborted. */
export async function readFiles(reading: FileReading, paths: readonly string[], prefix = ''): Promise<void> {
  const { root, cache, now, files, newStats: learnt, large } = reading;
  let begun = now();
  let seen = 0;
  let batchFrom = reading.readBytes;
  for (const name of paths) {
    seen += 1;
    if (seen >= batchFiles || reading.readBytes - batchFrom >= batchBytes) {
      await setImmediate();
      if (reading.signal?.aborted === true) return;
      begun = now();
      seen = 0;
      batchFrom = reading.readBytes;
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
      reading.cacheHits += 1;
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
    reading.readBytes += stat.size;
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
export function dropFilesBehindLinks(reading: FileReading, links: readonly string[]): void {
  const hidden = (path: string): boolean => links.some((link) => path.startsWith(`${link}/`));
  if (links.length === 0) return;
  reading.files = reading.files.filter(({ path }) => !hidden(path));
  reading.newStats = reading.newStats.filter(({ path }) => !hidden(path));
}

/** Submodules and nested repositories, as the files that they are; what is none after all is read as a folder. Gives those that are. */
export async function readRepositories(reading: FileReading): Promise<readonly string[]> {
  const found: string[] = [];
  for (let folder = reading.repositories.shift(); folder !== undefined; folder = reading.repositories.shift()) {
    const dir = join(reading.root, folder);
    const listed = existsSync(join(dir, '.git')) ? await visiblePaths(dir) : undefined;
    if (listed?.ok === true) found.push(folder.slice(0, -1));
    await readFiles(reading, listed?.ok === true ? listed.value : await walkFolder(dir), folder);
  }
  return found.sort();
}
