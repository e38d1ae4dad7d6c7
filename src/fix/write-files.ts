import { join } from 'node:path';
import { fileFailure } from '../core/file-failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { DraftChange } from '../workspace/copy/collect-draft.ts';
import { isSame, removeFile, hostFileState, takeFile } from '../workspace/copy/host-file.ts';
import { pathRefusal } from '../workspace/copy/path-refusal.ts';
import type { FixedFile } from './fix-proposal.ts';

type Fate = Pick<FixedFile, 'fate' | 'why'>;

/**
 * Writes proposed changes into the work tree, each file whole or not at all; one that is another by now than the one that was fixed stays
 * as it is. Gives what became of each path. Err when the file system refuses: its `detail` names what was written before.
 */
export async function writeFiles(
  hostRoot: string,
  changes: readonly DraftChange[],
): Promise<Result<ReadonlyMap<string, Fate>>> {
  const fates = new Map<string, Fate>();
  // A file that became a folder, or the other way round, goes before its successor can come; other deletions come last.
  const isInTheWay = ({ path, after }: DraftChange): boolean =>
    after === undefined &&
    changes.some(
      (other) => other.after !== undefined && (other.path.startsWith(`${path}/`) || path.startsWith(`${other.path}/`)),
    );
  const rank = (change: DraftChange): number => (change.after !== undefined ? 1 : isInTheWay(change) ? 0 : 2);
  for (const change of [...changes].sort((a, b) => rank(a) - rank(b))) {
    try {
      fates.set(change.path, await writeFile(hostRoot, change));
    } catch (error) {
      const reason = fileFailure(error, `${change.path} can't be written`);
      const written = [...fates].flatMap(([path, { fate }]) => (fate === 'written' ? [path] : []));
      return err(written.length === 0 ? reason : { ...reason, detail: `written before that: ${written.join(', ')}` });
    }
  }
  return ok(fates);
}

async function writeFile(hostRoot: string, { path, before, after }: DraftChange): Promise<Fate> {
  const left = (why: string): Fate => ({ fate: 'left', why });
  const why = pathRefusal(hostRoot, path);
  if (why !== undefined) return left(why);
  const here = await hostFileState(join(hostRoot, path));
  // Somebody did the same meanwhile.
  if (isSame(here, after)) return { fate: 'written', why: null };
  if (!isSame(here, before)) return left('changed-since');
  if (after === undefined) {
    await removeFile(hostRoot, path);
    return { fate: 'written', why: null };
  }
  const taken = await takeFile(hostRoot, path, { now: after, sent: before }, once(after.data));
  if (taken === 'taken') return { fate: 'written', why: null };
  return left(taken === 'conflict' || taken === 'moved-on' ? 'changed-since' : taken.why);
}

async function* once(data: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield data;
}
