import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Digest } from '../../core/digest.ts';
import { isStrings, memberOf, readJson, shaped } from '../../core/json.ts';

/** A layer of a saved image, unpacked to a file of its own. */
export interface SavedLayer {
  /** The digest of the tar, which is the layer's diff ID. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Undefined for layers that were not kept. */
  readonly file: string | undefined;
}

interface DockerManifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** An archive that is no saved image, or not a whole one. */
export class SavedImageError extends Error {}

/**
 * Takes apart the archive that an engine saves of one image (docker's layout, old or new): its layers' tars go to files of a folder,
 * decompressed, the base's first. `keep` says which to keep once their digest is known; streams, whatever the size. Throws
 * SavedImageError, and the stream's and file system's errors.
 */
export async function unpackSaved(
  archive: Readable,
  folder: string,
  keep: (digest: Digest) => boolean,
): Promise<readonly SavedLayer[]> {
  const blobs = new Map<string, SavedLayer>();
  const links = new Map<string, string>();
  const documents = new Map<string, Buffer>();
  const reader = extract();
  const reading = pipeline(archive, reader);
  // The loop below has the error too.
  reading.catch(() => undefined);
  for await (const entry of reader) {
    const { name, type, linkname, size = 0 } = entry.header;
    const path = posix.normalize(name);
    if (type === 'symlink' || type === 'link') {
      links.set(
        path,
        posix.normalize(type === 'link' ? (linkname ?? '') : posix.join(posix.dirname(path), linkname ?? '')),
      );
    } else if (type === 'file' && /\.json$|^(?:repositories|oci-layout|VERSION)$|\/VERSION$/.test(path)) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      documents.set(path, Buffer.concat(chunks));
      continue;
    } else if (type === 'file' && size > 0) {
      const file = join(folder, `saved-${blobs.size}`);
      const layer = await writeBlob(entry as unknown as Readable, file);
      if (keep(layer.digest)) blobs.set(path, { ...layer, file });
      else {
        blobs.set(path, { ...layer, file: undefined });
        await rm(file);
      }
      continue;
    }
    entry.resume();
  }
  await reading;
  const manifests = documents.get('manifest.json');
  if (manifests === undefined) throw new SavedImageError('the engine saved an archive without manifest.json');
  const [manifest, ...others] = readJson(manifests.toString(), shaped(areManifests)) ?? [];
  if (manifest === undefined || others.length > 0) throw new SavedImageError('the engine saved not just one image');
  return manifest.Layers.map((path) => {
    const layer = blobs.get(links.get(posix.normalize(path)) ?? posix.normalize(path));
    if (layer === undefined) throw new SavedImageError(`the engine saved an archive without the layer ${path}`);
    return layer;
  });
}

function areManifests(value: unknown): value is readonly DockerManifest[] {
  return Array.isArray(value) && value.every((manifest) => isStrings(memberOf(manifest, 'Layers')));
}

/** Writes a blob, decompressed, and hashes what is written. */
async function writeBlob(source: Readable, file: string): Promise<{ digest: Digest; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const hashing = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  const target = createWriteStream(file);
  const [first, all] = await firstChunk(source);
  if (first[0] === 0x1f && first[1] === 0x8b) await pipeline(all, createGunzip(), hashing, target);
  else await pipeline(all, hashing, target);
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

/** A stream's first chunk, and all of it. */
async function firstChunk(source: Readable): Promise<[Buffer, AsyncIterable<Buffer>]> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  async function* all(): AsyncGenerator<Buffer> {
    if (first.done === true) return;
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  return [head, all()];
}
