import { readFileSync } from 'node:fs';

// A run reads thirty small files before its first step. Each would be handed to Node's threads and back four times.

/** The text of a small file, UTF-8; throws as readFileSync does. */
export function readSmallFile(path: string): string {
  return readFileSync(path, 'utf8');
}

/** As readSmallFile; undefined when it can't be read. */
export function smallFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
