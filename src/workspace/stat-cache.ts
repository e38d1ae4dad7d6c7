import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isObject, isStrings, readJson, shaped } from '../core/json.ts';
import { writeCacheFile } from '../core/write-file.ts';
import { isEscapedPath } from '../git/path-text.ts';
import { modeOfBits } from './digest-file.ts';
import type { FileState } from './file-state.ts';

/** The stat data that tell one state of a file from another. */
export interface StatData {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;
}

/** What earlier snapshots found of files: a file whose stat data are the same still has the same bytes. */
export interface StatCache {
  /** The SHA-256 (hex) that the file had when its stat data were these; undefined when that is not known. */
  lookUp(path: string, stat: StatData): string | undefined;
  /** How many files it knows. */
  readonly size: number;
}

/** What is stored of a file. */
export interface StatEntry {
  readonly path: string;
  readonly stat: StatData;
  /** SHA-256, hex. */
  readonly digest: string;
}

/**
 * The index under which files were read. As long as git has this very index, and finds a file's stat data to match it, the file is unchanged.
 * The index must have been old enough when the files were read (see work-tree-stamp.ts).
 */
export interface IndexRecord {
  /** The stat data of the index, as `stampOf` gives them. */
  readonly index: string;
  /** Tracked paths whose stat data in the index prove nothing, whether there is a file or not. */
  readonly possiblyChanged: readonly string[];
}

/** A cache as its file has it. */
export interface StoredStats extends StatCache {
  /** Undefined when no file is known by the index. */
  readonly indexRecord: IndexRecord | undefined;
  /** The files that are unchanged since the index, except these, in path order. After this `lookUp` finds only the others. */
  unchangedFiles(except: ReadonlySet<string>): FileState[];
  /** The same files, to be stored again. */
  unchangedEntries(except: ReadonlySet<string>): StatEntry[];
}

/** All that is stored. */
export interface StatsToStore {
  /** Unchanged since the index, in path order; none without `indexRecord`. */
  readonly unchanged: readonly StatEntry[];
  readonly others: readonly StatEntry[];
  readonly indexRecord: IndexRecord | undefined;
}

// A header, then for each file five numbers (size, mtime, ctime, inode, mode), then for each its digest (64 hex digits), its path and a NUL, then
// the index record as JSON. Numbers have this machine's byte order: the file stays on it. The files that are unchanged since the index come
// first.
const magic = Buffer.from('parity stats 5\n\0');
const countAt = 16;
const checksumAt = 20;
const unchangedCountAt = 24;
const headerBytes = 32;
const numbersEach = 5;
const digestLength = 64;

/** A cache without entries. */
export const emptyStatCache: StoredStats = {
  size: 0,
  indexRecord: undefined,
  lookUp: () => undefined,
  unchangedFiles: () => [],
  unchangedEntries: () => [],
};

/** A cache of files that were just read. */
export function statCacheOf(entries: readonly StatEntry[]): StatCache {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return {
    size: byPath.size,
    lookUp(path, stat) {
      const known = byPath.get(path);
      return known !== undefined && isSame(known.stat, stat) ? known.digest : undefined;
    },
  };
}

function isSame(a: StatData, b: StatData): boolean {
  return (
    a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino && a.mode === b.mode
  );
}

/** Reads a cache; one that is missing, cut or damaged has no entries. */
export function readStatCache(file: string): StoredStats {
  try {
    return decode(readFileSync(file)) ?? emptyStatCache;
  } catch {
    return emptyStatCache;
  }
}

function decode(bytes: Buffer): StoredStats | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const count = bytes.readUInt32LE(countAt);
  const unchangedCount = bytes.readUInt32LE(unchangedCountAt);
  const textAt = headerBytes + count * numbersEach * 8;
  if (bytes.length < textAt || bytes.readUInt32LE(checksumAt) !== checksum(bytes)) return undefined;
  // Copies: numbers must lie on a multiple of eight, and the file's bytes, three times as many, may go.
  const numbers = new Float64Array(new Uint8Array(bytes.subarray(headerBytes, textAt)).buffer);
  // Parts of one text: no string is copied.
  const text = bytes.toString('utf8', textAt);
  const starts = new Uint32Array(count + 1);
  for (let index = 0; index < count; index += 1) starts[index + 1] = text.indexOf('\0', starts[index]) + 1;
  const startOf = (index: number): number => starts[index] ?? 0;
  const digestAt = (index: number): string => text.slice(startOf(index), startOf(index) + digestLength);
  const pathAt = (index: number): string => text.slice(startOf(index) + digestLength, startOf(index + 1) - 1);
  const statAt = (index: number): StatData => {
    const number = (field: number): number => numbers[index * numbersEach + field] ?? 0;
    return { size: number(0), mtimeMs: number(1), ctimeMs: number(2), ino: number(3), mode: number(4) };
  };
  let cursor = 0;
  let byPath: Map<string, number> | undefined;
  const find = (path: string): number | undefined => {
    // Both lists are nearly always in the same order.
    if (cursor >= count || pathAt(cursor) !== path) {
      byPath ??= new Map(Array.from({ length: count }, (_, index) => [pathAt(index), index]));
      const index = byPath.get(path);
      if (index === undefined) return undefined;
      cursor = index;
    }
    cursor += 1;
    return cursor - 1;
  };
  return {
    size: count,
    indexRecord: unchangedCount === 0 ? undefined : decodeIndexRecord(text.slice(startOf(count))),
    lookUp(path, stat) {
      const index = find(path);
      return index !== undefined && isSame(statAt(index), stat) ? digestAt(index) : undefined;
    },
    unchangedFiles(except) {
      const files: FileState[] = [];
      const others = new Map<string, number>();
      for (let index = 0; index < count; index += 1) {
        const path = pathAt(index);
        const mode = modeOfBits(numbers[index * numbersEach + 4] ?? 0);
        if (index >= unchangedCount || except.has(path) || mode === undefined) others.set(path, index);
        else files.push({ path, mode, digest: digestAt(index) });
      }
      byPath = others;
      cursor = count;
      return files;
    },
    unchangedEntries(except) {
      const entries: StatEntry[] = [];
      for (let index = 0; index < unchangedCount; index += 1) {
        const path = pathAt(index);
        if (!except.has(path)) entries.push({ path, stat: statAt(index), digest: digestAt(index) });
      }
      return entries;
    },
  };
}

/** An index record as the file has it. */
interface StoredIndexRecord {
  readonly index: string;
  readonly unvouched: readonly string[];
}

function isIndexRecord(value: unknown): value is StoredIndexRecord {
  return isObject(value) && typeof value['index'] === 'string' && isStrings(value['unvouched']);
}

function decodeIndexRecord(text: string): IndexRecord | undefined {
  const stored = readJson(text, shaped(isIndexRecord));
  return stored === undefined ? undefined : { index: stored.index, possiblyChanged: stored.unvouched };
}

function encodeIndexRecord({ index, possiblyChanged }: IndexRecord): string {
  return JSON.stringify({ index, unvouched: possiblyChanged } satisfies StoredIndexRecord);
}

/**
 * Writes a cache as a whole, so that of two runs at once one whole cache stays; after a power cut its checksum tells. What can't be written
 * costs the next run time, nothing else. Nothing in it may have a name that is not UTF-8.
 */
export async function writeStatCache(file: string, stats: StatsToStore): Promise<void> {
  await writeCacheFile(file, encode(stats)).catch(() => undefined);
}

/** True for a path that a cache can hold. */
export function canCachePath(path: string): boolean {
  return !isEscapedPath(path);
}

function encode({ unchanged, others, indexRecord }: StatsToStore): Buffer {
  const entries = [...unchanged, ...others];
  const numbers = new Float64Array(entries.length * numbersEach);
  for (const [index, { stat }] of entries.entries())
    numbers.set([stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, stat.mode], index * numbersEach);
  const names = entries.map(({ path, digest }) => `${digest}${path}\0`);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(entries.length, countAt);
  header.writeUInt32LE(unchanged.length, unchangedCountAt);
  const tail = indexRecord === undefined ? '' : encodeIndexRecord(indexRecord);
  const bytes = Buffer.concat([header, Buffer.from(numbers.buffer), Buffer.from(names.join('') + tail)]);
  bytes.writeUInt32LE(checksum(bytes), checksumAt);
  return bytes;
}

function checksum(bytes: Buffer): number {
  const hash = createHash('sha256')
    .update(bytes.subarray(0, checksumAt))
    .update(bytes.subarray(checksumAt + 4));
  return hash.digest().readUInt32LE(0);
}
