import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file so that no reader ever sees a part of it: written aside, flushed, renamed. Missing folders are made.
 * Throws the file system's error (ENOSPC, EACCES …); the caller phrases it.
 */
export async function writeFileWhole(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  await writeAside(path, data, mode, true);
}

/** As writeFileWhole, but not flushed: for a cache, whose reader can tell what a power cut left. */
export async function writeCacheFile(path: string, data: string | Uint8Array): Promise<void> {
  await writeAside(path, data, 0o644, false);
}

async function writeAside(path: string, data: string | Uint8Array, mode: number, flush: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(aside, 'wx', mode);
    try {
      await file.writeFile(data);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
