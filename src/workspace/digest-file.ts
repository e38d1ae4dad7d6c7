import { createHash, hash } from 'node:crypto';
import { createReadStream, readFileSync, readlinkSync, type Stats } from 'node:fs';
import type { FileMode } from './file-state.ts';

/** Stands in the place of a digest for what may not be read. */
export const unreadable = 'unreadable';

// Up to here one read call costs less than a promise does.
const smallBytes = 256 * 1024;

/** How git would keep what a stat shows; undefined for what it would not keep (a folder, a socket, a device). */
export function modeOf(stat: Stats): FileMode | undefined {
  return modeOfBits(stat.mode);
}

/** As modeOf, from the mode bits of a stat alone. */
export function modeOfBits(bits: number): FileMode | undefined {
  const type = bits & 0o170000;
  if (type === 0o120000) return '120000';
  if (type !== 0o100000) return undefined;
  return (bits & 0o100) === 0 ? '100644' : '100755';
}

/**
 * SHA-256 (hex) of a file's bytes or of a symbolic link's target text; `unreadable` when it may not be read, undefined when it is gone.
 * Small files at once, large ones in the background, until the signal is aborted: then they count as gone.
 */
export function digestFile(
  path: string | Buffer,
  stat: Stats,
  signal?: AbortSignal,
): string | undefined | Promise<string | undefined> {
  try {
    if (stat.isSymbolicLink()) return hash('sha256', readlinkSync(path, { encoding: 'buffer' }), 'hex');
    if (stat.size <= smallBytes) return hash('sha256', readFileSync(path), 'hex');
  } catch (error) {
    return withoutDigest(error);
  }
  return digestLarge(path, signal);
}

async function digestLarge(path: string | Buffer, signal: AbortSignal | undefined): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, {
      highWaterMark: 1024 * 1024,
      ...(signal === undefined ? {} : { signal }),
    }))
      digest.update(piece as Buffer);
    return digest.digest('hex');
  } catch (error) {
    return withoutDigest(error);
  }
}

function withoutDigest(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === undefined) throw error;
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'ELOOP', 'ABORT_ERR'].includes(String(code))
    ? undefined
    : unreadable;
}
