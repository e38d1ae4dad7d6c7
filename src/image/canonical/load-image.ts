import { failure } from '../../core/failure.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { inPhase } from '../../base/in-phase.ts';
import { imageIdOn } from '../identity.ts';
import { imageArchive } from './image-archive.ts';
import type { CanonicalResult } from './canonicalise.ts';

/**
 * Loads an image into the engine under a name and checks the ID that the engine shows for it. Gives the ID. Err
 * `integrity-mismatch` when the engine made something else of it.
 */
export async function loadImage(
  engine: Engine,
  { image, files }: CanonicalResult,
  options: { readonly reference: string; readonly onProgress: EmitProgress; readonly signal?: AbortSignal | undefined },
): Promise<Result<string>> {
  const { reference, onProgress, signal } = options;
  const info = await engine.describe();
  if (!info.ok) return info;
  const digests = { config: image.config.digest, manifest: image.manifest.digest };
  return await inPhase(
    onProgress,
    'image',
    `${reference} load`,
    'Loading the image',
    async (tell) => {
      const loaded = await engine.loadImages(imageArchive({ image, files, reference }), {
        onProgress: tell,
        ...(signal === undefined ? {} : { signal }),
      });
      if (!loaded.ok) return loaded;
      const there = await engine.inspectImage(reference);
      if (!there.ok) return there;
      const wanted = imageIdOn(info.value, digests);
      if (there.value?.id === wanted) return ok(wanted);
      const found = there.value?.id ?? 'no image of that name';
      return err(
        failure(
          'integrity-mismatch',
          `the engine loaded something else than it was given: expected ${wanted}, found ${found}`,
        ),
      );
    },
    (id) => id,
  );
}
