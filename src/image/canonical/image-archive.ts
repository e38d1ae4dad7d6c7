import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Digest } from '../../core/digest.ts';
import { canonicalTime } from './canonical-layer.ts';
import { mediaTypes, type CanonicalImage } from './canonical-image.ts';
import { paddingOf, type TarEntry } from './tar-entry.ts';
import { tarEnd, tarHeader } from './tar-header.ts';

/** What an archive is made from. */
export interface ArchiveOptions {
  readonly image: CanonicalImage;
  /** The file of each layer's tar, by digest; a layer without one is left out, for an engine that has it. */
  readonly files: ReadonlyMap<Digest, string>;
  /** The name under which engines keep it. */
  readonly reference: string;
  /** Of the image, in the index: they are no part of it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * An image's archive, streamed: an OCI image layout and a docker archive at once, so that the containerd image store reads the one,
 * graph drivers and Podman the other, both over the same blobs. Equal images give equal bytes.
 */
export function imageArchive(options: ArchiveOptions): Readable {
  return Readable.from(archiveChunks(options), { highWaterMark: 2 });
}

async function* archiveChunks({ image, files, reference, annotations = {} }: ArchiveOptions): AsyncGenerator<Buffer> {
  const { config, manifest, layers, platform } = image;
  const [os, architecture] = platform.split('/');
  yield* whole('blobs', undefined);
  yield* whole('blobs/sha256', undefined);
  const written = new Set<string>();
  for (const { digest, sizeBytes } of layers) {
    const file = files.get(digest);
    if (file === undefined || written.has(digest)) continue;
    written.add(digest);
    yield tarHeader(entry(blobPath(digest), sizeBytes));
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
    yield Buffer.alloc(paddingOf(sizeBytes));
  }
  yield* whole(blobPath(config.digest), config.bytes);
  yield* whole(blobPath(manifest.digest), manifest.bytes);
  const described = {
    mediaType: mediaTypes.manifest,
    digest: manifest.digest,
    size: manifest.bytes.length,
    platform: { architecture, os },
    annotations: {
      ...annotations,
      // By the first, containerd names what it loads; the second is the layout's own.
      'io.containerd.image.name': `docker.io/${reference}`,
      'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
    },
  };
  yield* whole('index.json', json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [described] }));
  yield* whole(
    'manifest.json',
    json([
      { Config: blobPath(config.digest), RepoTags: [reference], Layers: layers.map(({ digest }) => blobPath(digest)) },
    ]),
  );
  yield* whole('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  yield tarEnd;
}

/** Where the layout keeps a blob. */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function* whole(name: string, bytes: Buffer | undefined): Generator<Buffer> {
  yield tarHeader(
    bytes === undefined ? { ...entry(name, 0), type: 'directory', mode: 0o755 } : entry(name, bytes.length),
  );
  if (bytes !== undefined) yield* [bytes, Buffer.alloc(paddingOf(bytes.length))];
}

function entry(name: string, size: number): TarEntry {
  return {
    name,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: canonicalTime,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
