import { join } from 'node:path';
import type { CacheFolderName } from './cache-folders.ts';
import { cacheDir } from './paths.ts';

/** The path of a subfolder of parity's cache folder, or of another cache's at `root`. It may not exist yet. */
export function cacheFolder(name: CacheFolderName, root: string = cacheDir()): string {
  return join(root, name);
}

/** Permission bits, before the umask, of what other users of the machine may not open. What is not here is readable. */
export const privateModes = { cacheFolder: 0o700, historyFile: 0o600, runFolder: 0o700 } as const;
