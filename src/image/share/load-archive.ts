import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { inPhase } from '../../base/in-phase.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedImage } from '../../lock/lock.ts';
import { imageIdOn, lockedImage, noLockedImageFailure } from '../identity.ts';
import { imageReference } from '../image-reference.ts';
import { readRecipe } from '../recipe.ts';
import { readArchive } from './read-archive.ts';
import type { EnsuredImage, EnsureImageOptions } from '../ensure-options.ts';

/**
 * Loads an archive that `parity image save` wrote, if it is the lock's image: it is read and hashed first, and the engine sees nothing
 * of one that is not. Err `integrity-mismatch` with what was expected and found, `lock-stale` when the lock names no image.
 */
export async function loadArchive(options: EnsureImageOptions, file: string): Promise<Result<EnsuredImage>> {
  const { engine, lock, platform, projectDir, config, onProgress, signal } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const expected = lockedImage(lock, platform, recipe.value);
  if (expected === undefined) return err(noLockedImageFailure(platform));
  const reference = imageReference({ lock, platform, recipe: recipe.value.digest });
  const info = await engine.describe();
  if (!info.ok) return info;
  return await inPhase(
    onProgress,
    'image',
    file,
    `Loading the image from ${file}`,
    async (tell): Promise<Result<EnsuredImage>> => {
      const totalBytes = await stat(file).then(
        ({ size }) => size,
        () => 0,
      );
      const checking = (currentBytes: number): void =>
        tell({ type: 'layer', id: 'archive', status: 'Checking', currentBytes, totalBytes });
      const archived = await readArchive(file, checking, signal);
      if (!archived.ok) return archived;
      const refused = refusal(file, expected, reference, archived.value);
      if (refused !== undefined) return err(refused);
      const transfer = { onProgress: tell, ...(signal === undefined ? {} : { signal }) };
      const loaded = await engine.loadImages(createReadStream(file, { highWaterMark: 1 << 20 }), transfer);
      if (!loaded.ok) return loaded;
      const there = await engine.inspectImage(reference);
      if (!there.ok) return there;
      const wanted = imageIdOn(info.value, expected);
      if (there.value?.id === wanted) return ok({ imageId: wanted, reference, origin: 'loaded', image: expected });
      const found = there.value?.id ?? 'no image of that name';
      return err(failure('integrity-mismatch', `the engine loaded something else: expected ${wanted}, found ${found}`));
    },
    ({ imageId }) => imageId,
  );
}

function refusal(
  file: string,
  expected: LockedImage,
  reference: string,
  found: { readonly config: string; readonly manifest: string; readonly reference: string },
): ReturnType<typeof failure> | undefined {
  const next = 'parity build, or have the archive saved by: parity image save FILE';
  if (found.config !== expected.config || found.manifest !== expected.manifest)
    return failure(
      'integrity-mismatch',
      `${file} holds another image than the lock's: expected ${expected.config}, found ${found.config}`,
      { next },
    );
  if (found.reference === reference) return undefined;
  return failure('integrity-mismatch', `${file} names its image ${found.reference}, expected ${reference}`, { next });
}
