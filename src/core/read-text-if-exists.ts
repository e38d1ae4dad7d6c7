import { lstatSync, readFileSync } from 'node:fs';

/**
 * The text of a small file, UTF-8; undefined when it can't be read. At once: a run reads thirty of them before its first step, and each would be
 * handed to Node's threads and back four times.
 */
export function readTextIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The text of a regular file of at most so many bytes, UTF-8; undefined for any other (a link, a pipe, a larger file, one that can't be read). */
export function readTextUpTo(path: string, limitBytes: number): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size <= limitBytes ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
