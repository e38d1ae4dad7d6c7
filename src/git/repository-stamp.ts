import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonFolderOf, gitFolderOf } from './source-repository.ts';

/** Tells from afar whether a repository still is as it was when it was read. */
export interface RepositoryStamp {
  /** Says all of it; only ever compared. */
  readonly text: string;
  /** False when something was written a moment ago, and may be once more without its stat data telling. */
  readonly isSettled: boolean;
}

// As in workspace/contents: the tick of a file system's clock, generously.
const racyMs = 1000;

/**
 * The stat data of all that `readFlattened` reads but the objects. A branch is written by a rename, which its folder's time tells. Undefined
 * where stat data do not tell all: references in tables, a config that includes others.
 */
export async function stampRepository(
  workTree: string,
  now: () => number = Date.now,
): Promise<RepositoryStamp | undefined> {
  const begun = now();
  const gitDir = await gitFolderOf(workTree);
  if (gitDir === undefined) return undefined;
  const commonDir = await commonFolderOf(gitDir);
  const lines: string[] = [];
  let newest = 0;
  const look = (path: string): boolean => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      lines.push(path);
      return false;
    }
    newest = Math.max(newest, stat.mtimeMs, stat.ctimeMs);
    lines.push(`${path} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`);
    return stat.isDirectory();
  };
  const lookBelow = (folder: string): void => {
    if (!look(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) lookBelow(join(folder, entry.name));
      else look(join(folder, entry.name));
  };
  try {
    if (lstatSync(join(commonDir, 'reftable'), { throwIfNoEntry: false }) !== undefined) return undefined;
    const configs = [join(commonDir, 'config'), join(gitDir, 'config.worktree')];
    for (const config of configs) if (look(config) || includes(config)) return undefined;
    for (const name of ['HEAD', 'index', 'info/sparse-checkout']) look(join(gitDir, name));
    for (const name of ['packed-refs', 'shallow', 'info/attributes', 'info/exclude']) look(join(commonDir, name));
    for (const kind of ['heads', 'remotes', 'tags']) lookBelow(join(commonDir, 'refs', kind));
  } catch {
    return undefined;
  }
  return { text: lines.join('\n'), isSettled: newest + racyMs < begun };
}

function includes(config: string): boolean {
  try {
    return /^\s*\[\s*include/im.test(readFileSync(config, 'utf8'));
  } catch {
    return false;
  }
}
