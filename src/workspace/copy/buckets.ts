import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isEscapedPath, pathBytes } from '../../git/path-text.ts';
import type { FileState } from '../file-state.ts';

/** How many buckets files are divided into: some dozens of files each, within reason. */
export function bucketCount(files: number): number {
  return Math.min(2048, Math.max(16, 2 ** Math.ceil(Math.log2(Math.max(1, files / 32)))));
}

/** Divides files, which are in byte order, by the CRC-32 of their paths; each bucket is in byte order. */
export function divideIntoBuckets(files: readonly FileState[], count: number): readonly (readonly FileState[])[] {
  const buckets = Array.from({ length: count }, (): FileState[] => []);
  for (const file of files) buckets[crc32(bytesOf(file.path)) % count]?.push(file);
  return buckets;
}

/** 16 hex digits that distinguish two buckets of files; the receiver computes them alike (images/supervisor/copy_index.py). */
export function bucketDigest(files: readonly FileState[]): string {
  if (!files.some(({ path }) => isEscapedPath(path)))
    return hash('sha256', files.map(({ path, mode, digest }) => `${mode} ${digest} ${path}\0`).join('')).slice(0, 16);
  const parts = files.flatMap(({ path, mode, digest }) => [
    Buffer.from(`${mode} ${digest} `),
    pathBytes(path),
    Buffer.alloc(1),
  ]);
  return hash('sha256', Buffer.concat(parts)).slice(0, 16);
}

function bytesOf(path: string): string | Buffer {
  return isEscapedPath(path) ? pathBytes(path) : path;
}
