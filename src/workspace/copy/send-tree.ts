import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packFor, type FlattenedRepository } from '../../git/flattened-repository.ts';
import { isEscapedPath, pathBytes } from '../../git/path-text.ts';
import type { Contents } from '../workspace-contents.ts';
import { modeOf, unreadable } from '../digest-file.ts';
import { notIgnored } from './not-ignored.ts';
import { bucketCount, bucketDigest, divideIntoBuckets } from './buckets.ts';
import { LinkLost, type CopyLink } from './copy-link.ts';
import type { HostFrame, NeededRepository } from './protocol.ts';
import { keyRepositories, throwGitProblem } from './keyed-repositories.ts';

/** What is copied. */
export interface CopySource {
  /** Absolute and real. */
  readonly hostRoot: string;
  readonly contents: Pick<Contents, 'files' | 'repositories'>;
  /** The project's folder relative to the root, `/` between; empty for the root. */
  readonly project: string;
  /** Folders in which other volumes lie, relative to the root. */
  readonly volumes: readonly string[];
  /** Where the other side finds the objects of the repository at the root; absent = they are sent. */
  readonly objects?: string;
  /** Nothing stays that is not sent; absent = what git ignores stays. */
  readonly clean?: Extract<HostFrame, { readonly type: 'tree' }>['clean'];
}

/** What a transfer moved. */
export interface SendSummary {
  readonly files: number;
  /** Of these files. */
  readonly bytes: number;
  /** Files that the copy had and the host has not. */
  readonly deleted: number;
  /** Files that this user may not read: the copy is without them. */
  readonly unreadable: readonly string[];
}

/** Above this, a file is streamed. */
const smallBytes = 256 * 1024;

/**
 * Makes the copy what the host shows: sends what it has not, removes what the host has no more; what is git-ignored there stays, unless it is to be clean. Throws
 * LinkLost, also for what git or the file system refuses here.
 */
export async function sendTree(link: CopyLink, source: CopySource): Promise<SendSummary> {
  const { hostRoot, contents, volumes, clean } = source;
  const objectsOf = (path: string): string | undefined => (path === '' ? source.objects : undefined);
  const hidden = (path: string): boolean => volumes.some((volume) => path.startsWith(`${volume}/`));
  const files = contents.files.filter(({ path, digest }) => digest !== unreadable && !hidden(path));
  const repositories = await keyRepositories(hostRoot, contents.repositories);
  const buckets = divideIntoBuckets(files, bucketCount(files.length));
  await link.send({
    type: 'tree',
    buckets: buckets.map(bucketDigest),
    project: source.project,
    volumes,
    repositories: repositories.map(({ path, key }) => {
      const objects = objectsOf(path);
      return { path, key, ...(objects === undefined ? {} : { objects }) };
    }),
    ...(clean === undefined ? {} : { clean }),
  });
  const differ = await link.receive('differ');
  await link.send({
    type: 'entries',
    entries: differ.buckets.flatMap((number) =>
      (buckets[number] ?? []).map(({ path, mode, digest }) => [path, mode, digest] as const),
    ),
    strangers: await notIgnored(hostRoot, contents.repositories, differ.strangers),
  });
  const need = await link.receive('need');
  for (const each of need.repositories) {
    const flat = await repositories.find(({ path }) => path === each.path)?.read();
    if (flat !== undefined)
      await sendRepository(
        link,
        join(hostRoot, each.path),
        { ...each, borrows: objectsOf(each.path) !== undefined },
        flat,
      );
  }
  for (const path of need.paths) await sendFile(link, hostRoot, path);
  await link.send({ type: 'end' });
  const { files: count, bytes, deleted } = await link.receive('done');
  return {
    files: count,
    bytes,
    deleted,
    unreadable: contents.files.filter(({ digest }) => digest === unreadable).map(({ path }) => path),
  };
}

async function sendRepository(
  link: CopyLink,
  workTree: string,
  { path, known, git, borrows }: NeededRepository & { readonly borrows: boolean },
  flat: FlattenedRepository,
): Promise<void> {
  const text = (data: Buffer | undefined): string => (data ?? Buffer.alloc(0)).toString('base64');
  await link.send({ type: 'repository', path, config: text(flat.files['config']) });
  const pack = git && !borrows ? await packFor(workTree, flat, known) : { ok: true as const, value: undefined };
  if (!pack.ok) throwGitProblem(pack.error);
  try {
    for await (const piece of pack.value ?? []) await link.send({ type: 'pack', path, bytes: piece.length }, piece);
  } catch (error) {
    if (error instanceof LinkLost) throw error;
    throwGitProblem({ reason: 'git-refused', message: error instanceof Error ? error.message : String(error) });
  }
  const { key, index, tips, files } = flat;
  const encoded = Object.entries(files).map(([name, data]) => [name, text(data)] as const);
  await link.send({ type: 'repository-end', path, key, index, tips, files: Object.fromEntries(encoded) });
}

/** A file as it is now, which may be another than was listed: the copy reckons its digest from the bytes that come. */
async function sendFile(link: CopyLink, hostRoot: string, path: string): Promise<void> {
  const onDisk = isEscapedPath(path) ? pathBytes(`${hostRoot}/${path}`) : `${hostRoot}/${path}`;
  const gone = { type: 'gone', path } as const;
  try {
    const stat = lstatSync(onDisk, { throwIfNoEntry: false });
    const mode = stat === undefined ? undefined : modeOf(stat);
    if (stat === undefined || mode === undefined) return await link.send(gone);
    const frame = { type: 'file', path, mode, mtime: stat.mtimeMs } as const;
    if (mode === '120000') {
      const target = readlinkSync(onDisk, { encoding: 'buffer' });
      return await link.send({ ...frame, bytes: target.length }, target);
    }
    if (stat.size > smallBytes) return await streamFile(link, onDisk, path, stat);
    const data = await readFile(onDisk);
    return await link.send({ ...frame, bytes: data.length }, data);
  } catch (error) {
    if (error instanceof LinkLost) throw error;
    // It went away or may not be read any more since it was listed.
    if (error instanceof Error && 'code' in error) return await link.send(gone);
    throw error;
  }
}

async function streamFile(link: CopyLink, onDisk: string | Buffer, path: string, stat: Stats): Promise<void> {
  const file = await open(onDisk, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const now = await file.stat();
    const mode = modeOf(now) ?? '100644';
    await link.send({ type: 'file', path, mode, mtime: stat.mtimeMs, bytes: now.size });
    let left = now.size;
    while (left > 0) {
      const piece = Buffer.allocUnsafe(Math.min(left, 1 << 20));
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      // Cut short meanwhile: the length was promised, and the next run finds another digest there.
      const sent = bytesRead === 0 ? Buffer.alloc(piece.length) : piece.subarray(0, bytesRead);
      await link.raw(sent);
      left -= sent.length;
    }
  } finally {
    await file.close();
  }
}
