import { createHash, randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestFile, modeOf } from '../digest-file.ts';
import type { FileMode } from '../file-state.ts';
import { linkRefusal } from './path-refusal.ts';

/** How a file is on one side; undefined when it is not there. */
export type CopiedFileState = { readonly mode: FileMode; readonly digest: string } | undefined;

/** `moved-on`: a step was at work on it while it came, so what came is nothing whole; the next time it will be. */
export type TakeFileResult = 'taken' | 'conflict' | 'moved-on' | { readonly why: string };

/**
 * Puts a file that came from a copy in its place on the host, written aside and renamed, unless the host's file is another than was sent by
 * then. The place must be one that may be written (whyNoPlace). Throws the file system's error.
 */
export async function takeFile(
  hostRoot: string,
  path: string,
  { now, sent }: { readonly now: NonNullable<CopiedFileState>; readonly sent: CopiedFileState },
  body: AsyncIterable<Buffer>,
): Promise<TakeFileResult> {
  const place = join(hostRoot, path);
  const aside = join(dirname(place), `.parity-${randomBytes(6).toString('hex')}.part`);
  if (now.mode === '120000') {
    const target = await wholeOf(body);
    if (createHash('sha256').update(target).digest('hex') !== now.digest) return 'moved-on';
    const why = linkRefusal(path, target.toString('utf8'));
    if (why !== undefined) return { why };
    await mkdir(dirname(place), { recursive: true });
    await symlink(target, aside);
    return await putInPlace(aside, place, sent);
  }
  await mkdir(dirname(place), { recursive: true });
  const before = lstatSync(place, { throwIfNoEntry: false });
  const digest = createHash('sha256');
  const file = await open(aside, 'wx', now.mode === '100755' ? 0o777 : 0o666);
  try {
    for await (const piece of body) {
      digest.update(piece);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  try {
    if (digest.digest('hex') !== now.digest) return 'moved-on';
    if (before?.isFile() === true) {
      const bits = before.mode & 0o777;
      await chmod(aside, now.mode === '100755' ? bits | ((bits & 0o444) >> 2) : bits & ~0o111);
    }
    return await putInPlace(aside, place, sent);
  } finally {
    await rm(aside, { force: true });
  }
}

/** The last look is right before the rename: what was saved in an editor meanwhile is not lost. */
async function putInPlace(aside: string, place: string, sent: CopiedFileState): Promise<TakeFileResult> {
  if (!isSame(await hostFileState(place), sent)) {
    await rm(aside, { force: true });
    return 'conflict';
  }
  await rename(aside, place);
  return 'taken';
}

/** Deletes a file of the host's, and the folders that it leaves empty. Throws the file system's error. */
export async function removeFile(hostRoot: string, path: string): Promise<void> {
  await unlink(join(hostRoot, path));
  // As git does: a folder that holds nothing any more goes with its last file.
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const empty = await rmdir(join(hostRoot, folder)).then(
      () => true,
      () => false,
    );
    if (!empty) return;
  }
}

/** How a file is on the host now; a folder or a socket in its place is like nothing that was ever sent. */
export async function hostFileState(place: string): Promise<CopiedFileState> {
  const stat = await lstat(place).catch(() => undefined);
  if (stat === undefined) return undefined;
  const mode = modeOf(stat);
  // A folder, a socket: nothing that was ever sent is like it.
  if (mode === undefined) return { mode: '100644', digest: 'no file' };
  const digest = await digestFile(place, stat);
  return digest === undefined ? undefined : { mode, digest };
}

/** True for the same bytes and mode, and for nothing on both sides. */
export function isSame(one: CopiedFileState, other: CopiedFileState): boolean {
  return one?.mode === other?.mode && one?.digest === other?.digest;
}

async function wholeOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
