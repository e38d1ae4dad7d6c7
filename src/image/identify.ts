import { baseReference, ensureBase } from '../base/base.ts';
import { ok, type Result } from '../core/result.ts';
import type { LockedImage } from '../lock/lock.ts';
import type { EnsureImageOptions } from './build.ts';
import { canonicalise } from './canonical/canonicalise.ts';
import { inWorkFolder } from './canonical/work-folder.ts';
import { imageIdOn } from './identity.ts';
import { digestsOf, imageLabels, inspected } from './make.ts';
import { readRecipe } from './recipe.ts';

/**
 * Both digests of an image that the engine has already, for a lock that does not say them yet: the image is read as it would be after a
 * build. Undefined when it is no canonical image, and so not what this lock yields.
 */
export async function identifyImage(
  options: EnsureImageOptions,
  reference: string,
): Promise<Result<LockedImage | undefined>> {
  const { engine, lock, platform, projectDir, config } = options;
  const [info, recipe, base] = [
    await engine.describe(),
    await readRecipe(projectDir, config),
    await ensureBase(engine, lock.base, platform, options),
  ];
  if (!info.ok) return info;
  if (!recipe.ok) return recipe;
  if (!base.ok) return base;
  const built = await inspected(engine, reference);
  if (!built.ok) return built;
  const baseImage = await inspected(engine, baseReference(lock.base, platform));
  if (!baseImage.ok) return baseImage;
  if (!baseImage.value.layers.every((digest, index) => built.value.layers[index] === digest)) return ok(undefined);
  return await inWorkFolder(async (folder) => {
    const labels = imageLabels(lock, platform, recipe.value);
    const read = await canonicalise({
      engine,
      built: built.value,
      base: baseImage.value,
      platform,
      labels,
      folder,
      withBase: false,
    });
    if (!read.ok) return read;
    const digests = digestsOf(read.value.image);
    const same = imageIdOn(info.value, digests) === built.value.id;
    return ok(same ? { ...digests, recipe: recipe.value.digest } : undefined);
  });
}
