import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type Digest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folders.ts';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject } from '../../core/json.ts';
import type { CanonicalLayer } from '../canonical/canonical-layer.ts';

/*
 * Parts of images and what layers they make, in parity's cache. A part's file is its tar and, after the tar's end, the 32 bytes of
 * its SHA-256; a layer's is a JSON object. Files are named by the key of what they were made from, come whole by renaming, and are
 * touched when used.
 */

const maxAgeMs = 30 * 24 * 3600 * 1000;
const maxBytes = 4 * 2 ** 30;
const digestBytes = 32;

const folder = (): string => cacheFolder('image-parts');
const fileOf = (key: Digest, kind: 'tar' | 'json'): string => join(folder(), `${key.slice('sha256:'.length)}.${kind}`);

/** The file of a part, read whole and found as it was written; undefined when there is none or it is another than was written. */
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

/** Keeps a part: takes a tar's file, of this digest, to the cache. Gives its place. Throws the file system's error. */
export async function storePart(key: Digest, tar: string, digest: Digest): Promise<string> {
  await appendFile(tar, Buffer.from(digest.slice('sha256:'.length), 'hex'));
  const file = fileOf(key, 'tar');
  await mkdir(folder(), { recursive: true });
  await rename(tar, file);
  return file;
}

/** The layer that parts of these keys make, as it was when it was last made. */
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

/** Remembers it. A cache that can't be written is no failure. */
export async function cacheLayer(key: Digest, { digest, sizeBytes }: CanonicalLayer): Promise<void> {
  await cacheJson(fileOf(key, 'json'), { digest, sizeBytes });
}

/**
 * Removes what nobody used for thirty days, and the longest unused above 4 GiB; with `all` everything. A build that uses one of them
 * just now has it open, or makes it anew. Gives how many, and their bytes. It never fails.
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
