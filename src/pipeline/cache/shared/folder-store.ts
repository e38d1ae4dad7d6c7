import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type Failure } from '../../../core/failure.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { shellWord } from '../../../core/shell-word.ts';
import { writeCacheFile } from '../../../core/write-file.ts';
import { maxEntryBytes, type SharedStore } from './shared-store.ts';

/**
 * Opens a folder (absolute) that machines share: a file a key, all in one folder, so that who may write there needs no rights below it. It
 * is not made: where a share is not mounted, an empty folder would be filled in its place. Err `io`.
 */
export async function openFolderStore(folder: string): Promise<Result<SharedStore>> {
  // One question first: a dead network share would hold a thread for each.
  try {
    if (!(await stat(folder)).isDirectory()) return err(failure('io', 'it is no folder'));
  } catch (error) {
    if (!isAbsent(error)) return err(problem(folder, error));
    return err(failure('io', 'it is not there', { next: `mkdir ${shellWord(folder)}   (or mount the share)` }));
  }
  const nameOf = (key: string): string => join(folder, `${key}.json`);
  return ok({
    nameOf,
    async read(key) {
      try {
        // Others may write here: what is no plain file (a pipe would wait for ever) is not read.
        const file = await open(nameOf(key), constants.O_RDONLY | constants.O_NONBLOCK);
        try {
          const found = await file.stat();
          if (!found.isFile()) return err(failure('io', `${nameOf(key)} is no file`));
          if (found.size > maxEntryBytes) return err(failure('io', `${nameOf(key)} is too large`));
          return ok(await file.readFile());
        } finally {
          await file.close();
        }
      } catch (error) {
        return isAbsent(error) ? ok(undefined) : err(problem(nameOf(key), error));
      }
    },
    async write(key, entry, { replace }) {
      try {
        if (!replace && (await isThere(nameOf(key)))) return ok(undefined);
        await writeCacheFile(nameOf(key), entry);
        return ok(undefined);
      } catch (error) {
        return err(problem(nameOf(key), error));
      }
    },
    close: () => Promise.resolve(),
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The file system's word for it; whatever is none of those is a bug. */
function problem(path: string, error: unknown): Failure {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return failure('io', `${path}: ${error.message}`);
}
