import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { isEscapedPath } from '../../git/path-text.ts';

/**
 * Why a file of that path (relative, `/` between) from a copy may not be put into the workspace on the host; undefined when it may. No
 * path leads out, none goes through a symbolic link, and none is git's own: what lies in `.git` decides what git runs.
 */
export function pathRefusal(hostRoot: string, path: string): string | undefined {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0'))
    return 'it would lie outside the project';
  if (process.platform === 'win32' && /[\\:]/.test(path)) return 'it would lie outside the project';
  if (parts.some(isGitName)) return "it would be git's own";
  if (isEscapedPath(path)) return 'its name is not UTF-8';
  let at = hostRoot;
  for (const part of parts.slice(0, -1)) {
    at = `${at}/${part}`;
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) return 'a symbolic link here leads elsewhere';
    if (!found.isDirectory()) return 'a file here is in the way';
  }
  return undefined;
}

/** Why a symbolic link may not be made on the host; undefined when what it names lies in the workspace for sure. */
export function linkRefusal(path: string, target: string): string | undefined {
  const parts = target.split('/');
  const climbs = parts.findIndex((part) => part !== '..');
  const rest = climbs < 0 ? [] : parts.slice(climbs);
  // Once through a name, which may be a link itself, `..` can lead anywhere.
  const leadsOut =
    target === '' ||
    target.includes('\\') ||
    posix.isAbsolute(target) ||
    rest.includes('..') ||
    posix.normalize(posix.join(posix.dirname(path), target)).split('/')[0] === '..';
  if (leadsOut) return 'it is a symbolic link that leads out of the project';
  return rest.some(isGitName) ? "it is a symbolic link to git's own files" : undefined;
}

/** True for what some file system takes for `.git`: case, Windows' short name and what it drops at the end, HFS+'s invisible characters. */
function isGitName(name: string): boolean {
  const plain = name
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .replace(/(?:::\$.*|:.*)$/, '')
    .replace(/[. ]+$/, '')
    .toLowerCase();
  return plain === '.git' || plain === 'git~1';
}
