import type { Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeCacheFile } from '../core/write-file.ts';
import { isEscapedPath } from '../git/path-name.ts';

/** What is known of files from earlier runs: a file whose stat data are the same still has the same bytes. */
export interface StatCache {
  /** The SHA-256 (hex) that the file had when its stat data were these; undefined when that is not known. */
  lookUp(path: string, stat: Stats): string | undefined;
  /** How many files it knows. */
  readonly size: number;
}

/** What is to be remembered of a file. */
export interface StatEntry {
  readonly path: string;
  readonly stat: Stats;
  /** SHA-256, hex. */
  readonly digest: string;
}

// A header, then for each file five numbers (size, mtime, ctime, inode, mode) and 32 bytes of digest, then all paths with a NUL after
// each. Numbers are as this machine has them: it is nobody else's file.
const magic = Buffer.from('parity stats 1\n\0');
const headerBytes = 32;
const numbersEach = 5;
const digestBytes = 32;

/** A cache that knows nothing. */
export const emptyStatCache: StatCache = { size: 0, lookUp: () => undefined };

/** Reads a cache; one that is missing, cut or damaged knows nothing. */
export async function readStatCache(file: string): Promise<StatCache> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? emptyStatCache : (decode(bytes) ?? emptyStatCache);
}

function decode(bytes: Buffer): StatCache | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const count = bytes.readUInt32LE(16);
  const digestsAt = headerBytes + count * numbersEach * 8;
  const pathsAt = digestsAt + count * digestBytes;
  if (bytes.length < pathsAt || bytes.readUInt32LE(20) !== checksum(bytes)) return undefined;
  // A copy where needed: numbers must lie on a multiple of eight.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  const numbers = new Float64Array(aligned.buffer, aligned.byteOffset + headerBytes, count * numbersEach);
  const digests = bytes.toString('hex', digestsAt, pathsAt);
  const paths = bytes.toString('utf8', pathsAt).split('\0');
  let cursor = 0;
  let byPath: Map<string, number> | undefined;
  const find = (path: string): number | undefined => {
    // Both lists are nearly always in the same order.
    if (paths[cursor] !== path) {
      byPath ??= new Map(paths.slice(0, count).map((known, index) => [known, index]));
      const index = byPath.get(path);
      if (index === undefined) return undefined;
      cursor = index;
    }
    cursor += 1;
    return cursor - 1;
  };
  return {
    size: count,
    lookUp(path, stat) {
      const index = find(path);
      if (index === undefined) return undefined;
      const at = index * numbersEach;
      const same =
        numbers[at] === stat.size &&
        numbers[at + 1] === stat.mtimeMs &&
        numbers[at + 2] === stat.ctimeMs &&
        numbers[at + 3] === stat.ino &&
        numbers[at + 4] === stat.mode;
      return same ? digests.slice(index * digestBytes * 2, (index + 1) * digestBytes * 2) : undefined;
    },
  };
}

/**
 * Writes a cache as a whole, so that of two runs at once one whole cache stays; after a power cut its checksum tells. What can't be written
 * costs the next run time, nothing else.
 */
export async function writeStatCache(file: string, entries: readonly StatEntry[]): Promise<void> {
  await writeCacheFile(file, encode(entries.filter(({ path }) => !isEscapedPath(path)))).catch(() => undefined);
}

function encode(entries: readonly StatEntry[]): Buffer {
  const numbers = new Float64Array(entries.length * numbersEach);
  for (const [index, { stat }] of entries.entries())
    numbers.set([stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, stat.mode], index * numbersEach);
  const digests = Buffer.from(entries.map(({ digest }) => digest).join(''), 'hex');
  const paths = Buffer.from(entries.map(({ path }) => `${path}\0`).join(''));
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(entries.length, 16);
  const bytes = Buffer.concat([header, Buffer.from(numbers.buffer), digests, paths]);
  bytes.writeUInt32LE(checksum(bytes), 20);
  return bytes;
}

function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(headerBytes), crc32(bytes.subarray(0, 20)));
}
