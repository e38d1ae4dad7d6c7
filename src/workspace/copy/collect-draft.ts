import { createHash } from 'node:crypto';
import { compareBytes } from '../../core/digest.ts';
import { unignoredPaths, type HostTree } from './bring-back.ts';
import type { CopiedFileState } from './host-file.ts';
import { linkRefusal, pathRefusal } from './path-refusal.ts';
import type { CopyLink } from './copy-link.ts';

/** What commands have made of a draft: a copy of the workspace that nothing comes back from by itself. */
export interface DraftChanges {
  /** In byte order of the paths, each path once. */
  readonly changes: readonly DraftChange[];
  /** What can not be put into the workspace, and why. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
}

/** One file that git does not ignore, as it was sent and as it is in the draft; both differ. */
export interface DraftChange {
  /** Relative to the workspace's root, `/` between. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: CopiedFileState;
  /** Undefined: it was deleted. The data of a symbolic link is its target. */
  readonly after: (NonNullable<CopiedFileState> & { readonly data: Buffer }) | undefined;
}

/** What is larger than this was not made by hand, and is held in memory here. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Collects all that commands have changed since the copy was brought up to date, and leaves the copy as it is: the next transfer to it puts
 * it right. Throws LinkLost, also for what git refuses here.
 */
export async function collectDraft(link: CopyLink, host: HostTree): Promise<DraftChanges> {
  await link.send({ type: 'collect' });
  const { changed, deleted, unknown } = await link.receive('changes');
  await link.send({ type: 'look', paths: await unignoredPaths(host, unknown) });
  const made = await link.receive('made');
  const refused = made.skipped.map((path) => ({ path, why: 'it is a git repository of its own' }));
  const visible = new Set(
    await unignoredPaths(
      host,
      made.files.map(([path]) => path),
    ),
  );
  const want = new Map<string, { readonly now: NonNullable<CopiedFileState>; readonly before: CopiedFileState }>();
  const consider = (path: string, now: NonNullable<CopiedFileState>, bytes: number, before: CopiedFileState): void => {
    const why = pathRefusal(host.hostRoot, path) ?? (bytes > mostBytes ? 'it is larger than 32 MiB' : undefined);
    if (why === undefined) want.set(path, { now, before });
    else refused.push({ path, why });
  };
  for (const [path, mode, digest, bytes, sentMode, sentDigest] of changed)
    consider(path, { mode, digest }, bytes, { mode: sentMode, digest: sentDigest });
  for (const [path, mode, digest, bytes] of made.files)
    if (visible.has(path)) consider(path, { mode, digest }, bytes, undefined);
  const changes: DraftChange[] = deleted.map(([path, mode, digest]) => ({
    path,
    before: { mode, digest },
    after: undefined,
  }));
  await link.send({ type: 'want', paths: [...want.keys()] });
  for (;;) {
    const frame = await link.receive('file', 'given');
    if (frame.type === 'given') break;
    const pieces: Buffer[] = [];
    for await (const piece of link.body(frame.bytes)) pieces.push(piece);
    const data = Buffer.concat(pieces);
    const wanted = want.get(frame.path);
    if (wanted === undefined) throw new Error(`parity: the copy gave ${frame.path}, which nobody wanted`);
    const { now, before } = wanted;
    const isWhole = createHash('sha256').update(data).digest('hex') === now.digest;
    const why = isWhole ? draftRefusal(frame.path, now, data) : 'it was still being written';
    if (why === undefined) changes.push({ path: frame.path, before, after: { ...now, data } });
    else refused.push({ path: frame.path, why });
  }
  await link.send({ type: 'taken', files: [], deleted: [], left: true });
  await link.receive('settled');
  return { changes: changes.sort((a, b) => compareBytes(a.path, b.path)), refused };
}

function draftRefusal(path: string, { mode }: NonNullable<CopiedFileState>, data: Buffer): string | undefined {
  return mode === '120000' ? linkRefusal(path, data.toString('utf8')) : undefined;
}
