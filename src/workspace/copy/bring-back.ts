import { join } from 'node:path';
import { compareBytes } from '../../core/digest.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { isSame, removeFile, hostFileState, takeFile, type CopiedFileState } from './host-file.ts';
import { pathRefusal } from './path-refusal.ts';
import { notIgnored } from './not-ignored.ts';
import { LinkLost, type CopyLink } from './copy-link.ts';

/** What came back from a copy, by paths relative to the root. */
export interface BringBackSummary {
  /** Written here. */
  readonly files: readonly string[];
  readonly deleted: readonly string[];
  /** Changed by a step and, since it was sent, here: left as it is here. */
  readonly conflicts: readonly string[];
  /** Not taken, and why. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
}

/** Where it comes back to. */
export interface HostTree {
  readonly hostRoot: string;
  /** Folders that are repositories, relative to the root. */
  readonly repositories: readonly string[];
}

/**
 * Brings back what steps have changed, made or deleted among the files that git does not ignore, as a mount would show it. A file that is
 * not as it was sent here any more stays as it is. Throws LinkLost, also for what the file system refuses here.
 */
export async function bringBack(link: CopyLink, host: HostTree): Promise<BringBackSummary> {
  await link.send({ type: 'collect' });
  const changes = await link.receive('changes');
  const conflicts: string[] = [];
  const refused: { path: string; why: string }[] = [];
  const settled: [string, string][] = [];
  const gone: string[] = [];
  const deleted: string[] = [];
  const want = new Map<string, { readonly now: NonNullable<CopiedFileState>; readonly sent: CopiedFileState }>();

  const remove = async ([path, mode, digest]: (typeof changes.deleted)[number]): Promise<void> => {
    if (pathRefusal(host.hostRoot, path) !== undefined) return;
    const here = await hostFileState(join(host.hostRoot, path));
    if (here === undefined) gone.push(path);
    else if (!isSame(here, { mode, digest })) conflicts.push(path);
    else {
      await onDisk(`${path} cannot be deleted, as a step has done`, () => removeFile(host.hostRoot, path));
      gone.push(path);
      deleted.push(path);
    }
  };
  const consider = async (path: string, now: NonNullable<CopiedFileState>, sent: CopiedFileState): Promise<void> => {
    const why = pathRefusal(host.hostRoot, path);
    if (why !== undefined) {
      refused.push({ path, why });
      return;
    }
    const here = await hostFileState(join(host.hostRoot, path));
    if (isSame(here, now)) settled.push([path, now.digest]);
    else if (isSame(here, sent)) want.set(path, { now, sent });
    else conflicts.push(path);
  };

  // A file that became a folder, or the other way round, goes before its successor can come; all others when nothing can be lost any more.
  const inTheWay = changes.deleted.filter(([path]) =>
    changes.unknown.some(
      (other) => `${other}/`.startsWith(`${path}/`) || path.startsWith(`${other.replace(/\/$/, '')}/`),
    ),
  );
  for (const each of inTheWay) await remove(each);
  await link.send({ type: 'look', paths: await unignoredPaths(host, changes.unknown) });
  const made = await link.receive('made');
  refused.push(...made.skipped.map((path) => ({ path, why: 'a step has made a git repository there' })));
  const names = made.files.map(([path]) => path);
  const visible = new Set(await unignoredPaths(host, names));
  for (const [path, mode, digest, , sentMode, sentDigest] of changes.changed)
    await consider(path, { mode, digest }, { mode: sentMode, digest: sentDigest });
  for (const [path, mode, digest] of made.files)
    if (visible.has(path)) await consider(path, { mode, digest }, undefined);

  await link.send({ type: 'want', paths: [...want.keys()] });
  const files: string[] = [];
  for (;;) {
    const frame = await link.receive('file', 'given');
    if (frame.type === 'given') break;
    const { now, sent } = want.get(frame.path) ?? { now: undefined, sent: undefined };
    if (now === undefined) throw new Error(`parity: the copy gave ${frame.path}, which nobody wanted`);
    const outcome = await onDisk(`${frame.path} cannot be written, as a step has done`, () =>
      takeFile(host.hostRoot, frame.path, { now, sent }, link.body(frame.bytes)),
    );
    if (outcome === 'taken') {
      files.push(frame.path);
      settled.push([frame.path, now.digest]);
    } else if (outcome === 'conflict') conflicts.push(frame.path);
    else if (outcome !== 'moved-on') refused.push({ path: frame.path, why: outcome.why });
  }
  for (const each of changes.deleted) if (!inTheWay.includes(each)) await remove(each);
  const left = conflicts.length + refused.length > 0 || files.length < want.size;
  await link.send({ type: 'taken', files: settled, deleted: gone, left });
  await link.receive('settled');
  return {
    files: files.sort(compareBytes),
    deleted: deleted.sort(compareBytes),
    conflicts: conflicts.sort(compareBytes),
    refused,
  };
}

/** What git does not ignore of what is in a place that may be asked about. */
export async function unignoredPaths(host: HostTree, paths: readonly string[]): Promise<readonly string[]> {
  const placed = paths.filter((path) => pathRefusal(host.hostRoot, path.replace(/\/$/, '')) === undefined);
  const visible = new Set(await notIgnored(host.hostRoot, host.repositories, placed));
  // What has no place here is looked at too, to be told.
  return paths.filter((path) => visible.has(path) || !placed.includes(path));
}

async function onDisk<T>(doing: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof LinkLost) throw error;
    throw new LinkLost(fileFailure(error, doing));
  }
}
