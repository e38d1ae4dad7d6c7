import { readdir, readFile, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { claimFolder, lastClaimed } from './claim-folder.ts';
import { checkoutsFolder, removeFolder } from './checkout-folders.ts';

const keptForMs = 30 * 24 * 3600 * 1000;

/** What became of the checkouts; each is named by its repository's git folder. */
export interface CleanedCheckouts {
  readonly removed: readonly string[];
  /** Those that a running command uses. */
  readonly inUse: readonly string[];
}

/**
 * Removes the checkouts whose repository is gone and those that nobody used for thirty days, or with `all` every one; never one that a
 * running command uses. What can't be removed stays; it never fails.
 */
export async function removeUnusedCheckouts({ all }: { readonly all: boolean }): Promise<CleanedCheckouts> {
  const removed: string[] = [];
  const inUse: string[] = [];
  for (const repository of await namesIn(checkoutsFolder())) {
    const folder = join(checkoutsFolder(), repository);
    const commonDir = (await readFile(join(folder, 'repository'), 'utf8').catch(() => '')).replace(/\n$/, '');
    const gone = commonDir !== '' && !(await exists(commonDir));
    let left = 0;
    for (const name of await namesIn(folder)) {
      const slot = join(folder, name);
      if (!/^\d+$/.test(name)) continue;
      left += 1;
      if (!all && !gone && Date.now() - (await lastClaimed(slot)) < keptForMs) continue;
      const claim = await claimFolder(slot).catch(() => undefined);
      if (claim === undefined) {
        inUse.push(commonDir);
        continue;
      }
      const done = await removeFolder(slot).then(yes, no);
      if (done) removed.push(commonDir);
      else await claim.release();
      left -= done ? 1 : 0;
    }
    if (left === 0) {
      await removeFolder(join(folder, 'repository')).catch(() => {});
      // Another run may be making its slot just now: then it is not empty.
      await rmdir(folder).catch(() => {});
    }
  }
  return { removed, inUse };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return (await readdir(dir).catch(() => [])).sort();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(yes, no);
}

const yes = (): boolean => true;
const no = (): boolean => false;
