import { createReadStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { inPhase, type OnProgress } from '../../base/in-phase.ts';
import { canonicalJson, sha256, type Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { parseImageRef } from '../../core/image-ref.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedImage } from '../../lock/lock.ts';
import type { CanonicalResult } from '../canonical/canonicalise.ts';
import { mediaTypes } from '../canonical/canonical-image.ts';
import { notCanonicalFailure, withPresentImage } from '../identify.ts';
import { openRegistry, type Registry } from './registry.ts';
import { repositoryOf } from './repository.ts';
import type { EnsuredImage, EnsureImageOptions } from '../ensure-options.ts';

/** What a push left in the registry. */
export interface PushedImage {
  /** `registry/repository@sha256:…`: what everybody pulls. */
  readonly reference: string;
  /** `registry/repository:tag`, of an index that names it: for people, and so that no registry clears it away. */
  readonly tagged: string;
  readonly image: LockedImage;
  /** What the registry had not yet. */
  readonly sentBytes: number;
}

/**
 * Pushes the engine's image to `image.repository`: its layers as they are, then its manifest, then an index with `annotations`; what the
 * registry has is not sent again, and nothing is named before all of it is there. Err `config-invalid` without a repository,
 * `integrity-mismatch` when the engine's image is not canonical or the registry keeps something else, `registry-refused`, `network`.
 */
export async function pushImage(
  options: EnsureImageOptions & { readonly annotations: Readonly<Record<string, string>> },
  ensured: EnsuredImage,
): Promise<Result<PushedImage>> {
  const { engine, config, onProgress, signal } = options;
  const repository = repositoryOf(config);
  if (!repository.ok) return repository;
  const { registry, repository: path } = parseImageRef(repository.value) ?? { repository: repository.value };
  if (registry === undefined)
    return err(
      failure('config-invalid', `image.repository names no registry: ${repository.value}`, {
        next: `write its host in front, as in: repository: registry.example.com/${repository.value}`,
      }),
    );
  const login = await engine.registryLogin(repository.value);
  if (!login.ok) return login;
  return await inPhase(
    onProgress,
    'image',
    repository.value,
    `Pushing the image to ${repository.value}`,
    async (tell) => {
      const opened = await openRegistry({ registry, repository: path, login: login.value, signal });
      if (!opened.ok) return opened;
      try {
        return await pushTo(opened.value, repository.value, options, ensured, tell);
      } finally {
        await opened.value.close();
      }
    },
    ({ sentBytes }) => (sentBytes === 0 ? 'all of it was there' : `${Math.round(sentBytes / 1e6)} MB`),
  );
}

async function pushTo(
  registry: Registry,
  repository: string,
  options: EnsureImageOptions & { readonly annotations: Readonly<Record<string, string>> },
  { reference, image }: EnsuredImage,
  tell: OnProgress,
): Promise<Result<PushedImage>> {
  const name = async (pushed: LockedImage, manifestBytes: number, sentBytes: number): Promise<Result<PushedImage>> => {
    const tag = reference.slice(reference.lastIndexOf(':') + 1);
    const index = indexOf(pushed.manifest, manifestBytes, options);
    const named = await registry.putManifest(tag, mediaTypes.index, sha256(index), index);
    if (!named.ok) return named;
    const [byDigest, tagged] = [`${repository}@${pushed.manifest}`, `${repository}:${tag}`];
    return ok({ reference: byDigest, tagged, image: pushed, sentBytes });
  };
  if (image !== undefined) {
    const there = await registry.manifestSize(image.manifest);
    if (!there.ok) return there;
    if (there.value !== undefined) return await name(image, there.value, 0);
  }
  return await withPresentImage(options, reference, true, async (present) => {
    if (!present.isCanonical) return err(notCanonicalFailure(reference));
    const { manifest } = present.canonical.image;
    const sent = await sendBlobs(registry, present.canonical, tell);
    if (!sent.ok) return sent;
    const put = await registry.putManifest(manifest.digest, mediaTypes.manifest, manifest.digest, manifest.bytes);
    if (!put.ok) return put;
    return await name(present.image, manifest.bytes.length, sent.value);
  });
}

/** Sends the layers and the config that the registry has not; gives the bytes sent. */
async function sendBlobs(
  registry: Registry,
  { image, files }: CanonicalResult,
  tell: OnProgress,
): Promise<Result<number>> {
  const { layers, config } = image;
  const totalBytes = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const told = (currentBytes: number): void =>
    tell({ type: 'layer', id: 'image', status: 'Pushing', currentBytes, totalBytes });
  let [doneBytes, sentBytes] = [0, 0];
  for (const { digest, sizeBytes } of new Map(layers.map((layer) => [layer.digest, layer])).values()) {
    const file = files.get(digest);
    if (file === undefined) throw new Error(`no file of layer ${digest}`);
    const before = doneBytes;
    const sent = await sendBlob(registry, digest, sizeBytes, () => counted(file, (bytes) => told(before + bytes)));
    if (!sent.ok) return sent;
    doneBytes += sizeBytes;
    sentBytes += sent.value;
    told(doneBytes);
  }
  const sent = await sendBlob(registry, config.digest, config.bytes.length, () => config.bytes);
  return sent.ok ? ok(sentBytes + sent.value) : sent;
}

async function sendBlob(
  registry: Registry,
  digest: Digest,
  sizeBytes: number,
  open: () => Readable | Buffer,
): Promise<Result<number>> {
  const there = await registry.hasBlob(digest);
  if (!there.ok) return there;
  if (there.value) return ok(0);
  const put = await registry.putBlob(digest, sizeBytes, open);
  return put.ok ? ok(sizeBytes) : put;
}

/** A file's stream that tells how far it was read. */
function counted(file: string, tell: (bytes: number) => void): Readable {
  let bytes = 0;
  const source = createReadStream(file);
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      tell((bytes += chunk.length));
      done(null, chunk);
    },
  });
  source.on('error', (error) => counting.destroy(error));
  counting.on('close', () => source.destroy());
  return source.pipe(counting);
}

function indexOf(
  manifest: Digest,
  size: number,
  { platform, annotations }: { readonly platform: string; readonly annotations: Readonly<Record<string, string>> },
): Buffer {
  const [os = '', architecture = ''] = platform.split('/');
  const described = { mediaType: mediaTypes.manifest, digest: manifest, size, platform: { architecture, os } };
  return Buffer.from(
    canonicalJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [described], annotations }),
  );
}
