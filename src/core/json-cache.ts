import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readJson } from './json.ts';
import { readTextIfExists } from './read-text-if-exists.ts';
import { writeCacheFile } from './write-file.ts';

// A JSON file in parity's cache folder may be missing, cut short by a full disk, damaged, or written by another version of parity: then there is
// no value. One that can't be written costs time, nothing else.

/** What `read` makes of the value of a cached JSON file; undefined when the file is missing or damaged, or when `read` gives undefined for it. */
export function readCachedJson<T>(path: string, read: (value: unknown) => T | undefined): T | undefined {
  const text = readTextIfExists(path);
  return text === undefined ? undefined : readJson(text, read);
}

/** Writes a JSON file in parity's cache folder: aside, then renamed. A file that can't be written is left out. */
export async function cacheJson(path: string, value: unknown): Promise<void> {
  await writeCacheFile(path, JSON.stringify(value)).catch(() => undefined);
}

/** As cacheJson, but done when it returns: for a command that ends right afterwards. */
export function cacheJsonNow(path: string, value: unknown): void {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(aside, JSON.stringify(value));
    renameSync(aside, path);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}
