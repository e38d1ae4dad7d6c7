import { createReadStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { inPhase } from '../../base/phase.ts';
import { canonicalJson, sha256, type Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { parseImageRef } from '../../core/image-ref.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedImage } from '../../lock/lock.ts';
import type { EnsureImageOptions } from '../build.ts';
import { mediaTypes } from '../canonical/manifest.ts';
import { notCanonical, withPresent } from '../identify.ts';
import { openRegistry, type Registry } from './registry.ts';
import { repositoryOf } from './repository.ts';

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
  options: EnsureImageOptions & { readonly annotations?: Readonly<Record<string, string>> },
  reference: string,
): Promise<Result<PushedImage>> {
  const { engine, config, onProgress, signal, annotations = {} } = options;
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
    async (tell) =>
      await withPresent(options, reference, true, async ({ canonical, image, isCanonical }) => {
        if (!isCanonical) return err(notCanonical(reference));
        const opened = await openRegistry({ registry, repository: path, login: login.value, signal });
        if (!opened.ok) return opened;
        const { layers, config: settings, manifest, platform } = canonical.image;
        const totalBytes = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        let [doneBytes, sentBytes] = [0, 0];
        const told = (currentBytes: number): void =>
          tell({ type: 'layer', id: 'image', status: 'Pushing', currentBytes, totalBytes });
        try {
          for (const { digest, sizeBytes } of new Map(layers.map((layer) => [layer.digest, layer])).values()) {
            const file = canonical.files.get(digest);
            if (file === undefined) throw new Error(`no file of layer ${digest}`);
            const open = (): Readable => counted(file, (bytes) => told(doneBytes + bytes));
            const sent = await sendBlob(opened.value, digest, sizeBytes, open);
            if (!sent.ok) return sent;
            doneBytes += sizeBytes;
            sentBytes += sent.value;
            told(doneBytes);
          }
          const configSent = await sendBlob(opened.value, settings.digest, settings.bytes.length, () => settings.bytes);
          if (!configSent.ok) return configSent;
          const put = await opened.value.putManifest(
            manifest.digest,
            mediaTypes.manifest,
            manifest.digest,
            manifest.bytes,
          );
          if (!put.ok) return put;
          const tag = reference.slice(reference.lastIndexOf(':') + 1);
          const index = indexOf(manifest, platform, annotations);
          const named = await opened.value.putManifest(tag, mediaTypes.index, sha256(index), index);
          if (!named.ok) return named;
          const tagged = `${repository.value}:${tag}`;
          return ok({ reference: `${repository.value}@${manifest.digest}`, tagged, image, sentBytes });
        } finally {
          await opened.value.close();
        }
      }),
    ({ sentBytes }) => (sentBytes === 0 ? 'all of it was there' : `${Math.round(sentBytes / 1e6)} MB`),
  );
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
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
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
  manifest: { readonly digest: Digest; readonly bytes: Buffer },
  platform: string,
  annotations: Readonly<Record<string, string>>,
): Buffer {
  const [os = '', architecture = ''] = platform.split('/');
  const described = {
    mediaType: mediaTypes.manifest,
    digest: manifest.digest,
    size: manifest.bytes.length,
    platform: { architecture, os },
  };
  return Buffer.from(
    canonicalJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [described], annotations }),
  );
}
