import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type Digest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject } from '../../core/json.ts';
import type { CanonicalLayer } from '../canonical/canonical-layer.ts';

/*
 * Parts of images and what layers they make, in parity's cache. A part's file is its tar and, after the tar's end, the 32 bytes of
 * its SHA-256; a layer's is a JSON object. A file's name is the key of its inputs; files are written aside, renamed, and touched on
 * each use.
 */

const maxAgeMs = 30 * 24 * 3600 * 1000;
const maxBytes = 4 * 2 ** 30;
const digestBytes = 32;

const folder = (): string => cacheFolder('image-parts');
const fileOf = (key: Digest, kind: 'tar' | 'json'): string => join(folder(), `${key.slice('sha256:'.length)}.${kind}`);

// Parts that this process is making, by key, with the files that come of it.
const inTheMaking = new Map<Digest, Promise<ReadonlyMap<Digest, string>>>();

/** Tells that parts of these keys are being made; `work` gives the files of those that were, and never fails. */
export function expectParts(keys: readonly Digest[], work: Promise<ReadonlyMap<Digest, string>>): void {
  for (const key of keys) inTheMaking.set(key, work);
  void work.finally(() => {
    for (const key of keys) inTheMaking.delete(key);
  });
}

/** What makes a part in this process; undefined when nothing does. */
export function expectedParts(key: Digest): Promise<ReadonlyMap<Digest, string>> | undefined {
  return inTheMaking.get(key);
}

/** Whether there is a file of a part, which may turn out damaged. */
export async function hasPart(key: Digest): Promise<boolean> {
  return await stat(fileOf(key, 'tar')).then(
    () => true,
    () => false,
  );
}

/** The cached file of a part, after checking its digest; undefined when there is none or it is damaged. */
export async function findPart(key: Digest): Promise<string | undefined> {
  const file = fileOf(key, 'tar');
  try {
    const { size } = await stat(file);
    const end = size - digestBytes;
    if (end <= 0) return undefined;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { end: end - 1, highWaterMark: 256 * 1024 }))
      hash.update(chunk as Buffer);
    const trailer = Buffer.alloc(digestBytes);
    const opened = await open(file, 'r');
    try {
      await opened.read(trailer, 0, digestBytes, end);
    } finally {
      await opened.close();
    }
    if (!hash.digest().equals(trailer)) return undefined;
    await touch(file);
    return file;
  } catch {
    return undefined;
  }
}

/** Moves a part's tar of this digest into the cache and gives its path there. Throws the file system's error. */
export async function storePart(key: Digest, tar: string, digest: Digest): Promise<string> {
  await appendFile(tar, Buffer.from(digest.slice('sha256:'.length), 'hex'));
  const file = fileOf(key, 'tar');
  await mkdir(folder(), { recursive: true });
  await rename(tar, file);
  return file;
}

/** The cached description of the layer that parts of these keys make; undefined when there is none. */
export async function cachedLayer(key: Digest): Promise<CanonicalLayer | undefined> {
  const file = fileOf(key, 'json');
  const layer = readCachedJson(file, layerOf);
  if (layer !== undefined) await touch(file);
  return layer;
}

function layerOf(value: unknown): CanonicalLayer | undefined {
  if (!isObject(value)) return undefined;
  const { digest, sizeBytes } = value;
  if (typeof digest !== 'string' || !isDigest(digest) || !Number.isSafeInteger(sizeBytes)) return undefined;
  return { digest, sizeBytes: Number(sizeBytes) };
}

/** Caches a layer's description. A failed write is ignored. */
export async function cacheLayer(key: Digest, { digest, sizeBytes }: CanonicalLayer): Promise<void> {
  await cacheJson(fileOf(key, 'json'), { digest, sizeBytes });
}

/**
 * Removes entries that were unused for thirty days, then the least recently used above 4 GiB; with `all` everything. A build that uses an
 * entry has it open, or builds it again. Gives the number of removed files and their bytes. Never fails.
 */
export async function prunePartCache({
  all,
}: {
  readonly all: boolean;
}): Promise<{ readonly removed: number; readonly freedBytes: number }> {
  const files: { readonly path: string; readonly size: number; readonly usedMs: number }[] = [];
  for (const name of await readdir(folder()).catch(() => [])) {
    const path = join(folder(), name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) files.push({ path, size: found.size, usedMs: found.mtimeMs });
  }
  files.sort((a, b) => b.usedMs - a.usedMs);
  let keptBytes = 0;
  let removed = 0;
  let freedBytes = 0;
  for (const { path, size, usedMs } of files) {
    if (!all && Date.now() - usedMs < maxAgeMs && keptBytes + size <= maxBytes) {
      keptBytes += size;
      continue;
    }
    const gone = await rm(path, { force: true }).then(
      () => true,
      () => false,
    );
    removed += gone ? 1 : 0;
    freedBytes += gone ? size : 0;
  }
  return { removed, freedBytes };
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
