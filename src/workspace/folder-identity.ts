import { statSync } from 'node:fs';
import type { Mount } from '../engine/engine.ts';

/**
 * Which folders on the host bind mounts are of, by device and inode: a mount follows the folder, and another folder may have its name by now.
 * The mount keeps its folder in use, so while a container lives, no other folder can have these numbers, and they do not change. No times: some
 * file systems give a folder's last change for its birth. Empty for a folder that is not there.
 */
export function boundFolders(mounts: readonly Mount[]): readonly string[] {
  return mounts.flatMap((mount) => (mount.type === 'bind' ? [folderIdentity(mount.source)] : []));
}

function folderIdentity(path: string): string {
  const seen = statSync(path, { bigint: true, throwIfNoEntry: false });
  return seen === undefined ? '' : `${seen.dev}:${seen.ino}`;
}
