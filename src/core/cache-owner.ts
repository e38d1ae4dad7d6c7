import { lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { privateModes } from './cache-folder.ts';
import { failure, type Failure } from './failure.ts';
import { cacheDir } from './paths.ts';
import { shellWord } from './shell-word.ts';

/**
 * Makes parity's cache folder, closed to other users, and checks one that is there: whoever can write in it decides what runs as this user.
 * Gives why it must not be used. A folder that can't be made is no failure: a cache only saves time.
 */
export function claimCacheFolder(folder: string = cacheDir()): Failure | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: privateModes.cacheFolder });
  } catch {
    return undefined;
  }
  return cacheOfOthers(folder);
}

/** Why a cache folder must not be used: another user owns it, or may write in it. Undefined also for one that is not there. */
export function cacheOfOthers(folder: string = cacheDir()): Failure | undefined {
  const user = process.getuid?.();
  const stats = statsOf(folder);
  // Windows gives each user a folder of their own, and has no modes.
  if (user === undefined || stats === undefined) return undefined;
  const owner = [stats.folder.uid, stats.link.uid].find((uid) => !isOwn(uid, user));
  if (owner !== undefined)
    return failure('io', `parity's cache folder ${folder} belongs to another user (uid ${owner})`, {
      detail: 'Its files would decide what runs as you.',
      next: 'export PARITY_CACHE_DIR="$HOME/.cache/parity-$(id -u)"',
    });
  if ((stats.folder.mode & 0o022) === 0) return undefined;
  return failure('io', `other users may write in parity's cache folder ${folder}`, {
    detail:
      'Its files decide what runs as you. If anyone else uses this machine, remove the folder instead: parity makes it anew.',
    next: `chmod go-w ${shellWord(folder)}`,
  });
}

function statsOf(folder: string): { readonly link: Stats; readonly folder: Stats } | undefined {
  try {
    return { link: lstatSync(folder), folder: statSync(folder) };
  } catch {
    return undefined;
  }
}

/** The user's own, root's, or, with sudo, that of who called it. */
function isOwn(uid: number, user: number): boolean {
  return uid === user || uid === 0 || (user === 0 && String(uid) === process.env['SUDO_UID']);
}
