import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import type { Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine, ImageInfo } from '../../engine/engine.ts';
import { writeCanonicalLayer, type CanonicalLayer } from './layer.ts';
import { canonicalImage, type CanonicalImage } from './manifest.ts';
import { SavedImageError, unpackSaved } from './saved.ts';
import { TarError } from './tar-index.ts';

/** What is brought into canonical form. */
export interface CanonicaliseOptions {
  readonly engine: Engine;
  /** The engine's image: a build's result, or one that is canonical already, which stays what it is. */
  readonly built: ImageInfo;
  /** Diff IDs of the base, which are left as they are. */
  readonly baseLayers: readonly string[];
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the layers' files go; the caller removes it. */
  readonly folder: string;
  /** Keep the base's layers too: an archive for others than this engine needs them. */
  readonly withBase: boolean;
}

/** An image in canonical form, and the files of its layers: all of them, or those above the base. */
export interface CanonicalResult {
  readonly image: CanonicalImage;
  readonly files: ReadonlyMap<Digest, string>;
}

/**
 * Re-assembles an image of the engine so that its digests depend on content alone: the layers above the base sorted, with one time
 * and no logs or caches, and a minimal config. Streams through files of `folder`. Err `engine-refused` when the engine saves what
 * is no image, `disk-full`, `io`.
 */
export async function canonicalise(options: CanonicaliseOptions): Promise<Result<CanonicalResult>> {
  const { engine, built, baseLayers, folder, withBase, platform, labels } = options;
  const base = new Set(baseLayers);
  if (!baseLayers.every((digest, index) => built.layers[index] === digest))
    return err(
      failure('recipe-invalid', 'the image that the recipe builds does not start from the lock’s base', {
        next: 'let the last stage of Dockerfile.parity start with: FROM ${BASE}',
      }),
    );
  const archive = await engine.saveImages([built.id]);
  if (!archive.ok) return archive;
  let broken: Error | undefined;
  archive.value.once('error', (error) => (broken = error));
  try {
    const saved = await unpackSaved(archive.value, folder, (digest) => withBase || !base.has(digest));
    const layers: CanonicalLayer[] = [];
    const files = new Map<Digest, string>();
    const folders = new Set<string>();
    for (const [index, { digest, sizeBytes, file }] of saved.entries()) {
      if (index < baseLayers.length) {
        if (digest !== baseLayers[index])
          return err(
            failure('integrity-mismatch', `the engine saved ${digest} for the base layer ${baseLayers[index]}`),
          );
        layers.push({ digest, sizeBytes });
        if (file !== undefined) files.set(digest, file);
        continue;
      }
      if (file === undefined) throw new Error('a layer above the base was not kept');
      const target = join(folder, `layer-${index}`);
      const layer = await writeCanonicalLayer(file, target, folders);
      await rm(file, { force: true });
      if (layer === undefined) continue;
      layers.push(layer);
      files.set(layer.digest, target);
    }
    const { env, entrypoint, command, user, workingDir } = built;
    const settings = { env, entrypoint, command, user, workingDir, labels };
    return ok({ image: canonicalImage(platform, layers, settings), files });
  } catch (error) {
    if (broken !== undefined)
      return err(failure('engine-unreachable', `the image could not be saved: ${broken.message}`));
    if (error instanceof TarError || error instanceof SavedImageError)
      return err(failure('engine-refused', `what the engine saved of the image can't be read: ${error.message}`));
    return err(fileFailure(error, 'the image could not be re-assembled'));
  } finally {
    archive.value.destroy();
  }
}
