import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';
import type { Lock } from './lock.ts';

/** The lock's file name, in the project's folder. */
export const lockFileName = 'parity.lock.json';

/** A lock as the file has it: keys sorted by bytes, two spaces, a final newline. Equal locks give equal bytes. */
export function formatLock(lock: Lock): string {
  return `${JSON.stringify(sorted(lock), undefined, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => compareBytes(a, b));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}

/**
 * Writes the project's lock as a whole; says whether the file changed. A file that already says so is not touched. Err
 * `disk-full` or `io`.
 */
export async function writeLock(projectDir: string, lock: Lock): Promise<Result<{ readonly changed: boolean }>> {
  const path = join(projectDir, lockFileName);
  const text = formatLock(lock);
  try {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return ok({ changed: false });
    await writeFileWhole(path, text);
    return ok({ changed: true });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
    return err(
      failure(full ? 'disk-full' : 'io', `${path} can't be written: ${full ? 'the disk is full' : error.message}`, {
        next: full
          ? 'free some space, then: parity lock'
          : `make ${projectDir} writable for this user, then: parity lock`,
      }),
    );
  }
}
