import { readFileSync } from 'node:fs';

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
