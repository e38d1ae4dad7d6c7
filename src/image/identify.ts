import { baseReference, ensureBase } from '../base/base.ts';
import { failure, type Failure } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { LockedImage } from '../lock/lock.ts';
import type { EnsureImageOptions } from './ensure-options.ts';
import { canonicalise, type CanonicalResult } from './canonical/canonicalise.ts';
import { inWorkFolder } from './canonical/work-folder.ts';
import { digestsOf, imageIdOn, imageLabels } from './identity.ts';
import { requireImage } from './engine-with-base.ts';
import { readRecipe } from './recipe.ts';

/** An image that the engine has, read as after a build. */
export interface PresentImage {
  readonly canonical: CanonicalResult;
  readonly image: LockedImage;
  /** False: the engine's image is not what its canonical form would be, and so not what a lock yields. */
  readonly isCanonical: boolean;
}

/** Reads an image that the engine has as it would be read after a build, and does some work with that; with the base's layers if asked. */
export async function withPresentImage<T>(
  options: EnsureImageOptions,
  reference: string,
  withBase: boolean,
  work: (present: PresentImage) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { engine, lock, platform, projectDir, config } = options;
  const info = await engine.describe();
  if (!info.ok) return info;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const ensured = await ensureBase(engine, lock.base, platform, options);
  if (!ensured.ok) return ensured;
  const built = await requireImage(engine, reference);
  if (!built.ok) return built;
  const base = await requireImage(engine, baseReference(lock.base, platform));
  if (!base.ok) return base;
  return await inWorkFolder(async (folder) => {
    const canonical = await canonicalise({
      engine,
      built: built.value,
      base: base.value,
      platform,
      labels: imageLabels(lock, platform, recipe.value),
      folder,
      withBase,
    });
    if (!canonical.ok) return canonical;
    const digests = digestsOf(canonical.value.image);
    return await work({
      canonical: canonical.value,
      image: { ...digests, recipe: recipe.value.digest },
      isCanonical: imageIdOn(info.value, digests) === built.value.id,
    });
  });
}

/** Both digests of an image that the engine has already, for a lock that does not say them yet; undefined when it is not canonical. */
export async function identifyImage(
  options: EnsureImageOptions,
  reference: string,
): Promise<Result<LockedImage | undefined>> {
  return await withPresentImage<LockedImage | undefined>(options, reference, false, async ({ image, isCanonical }) =>
    ok(isCanonical ? image : undefined),
  );
}

/** Says that what goes by the lock's image's name is none that a lock yields. */
export function notCanonicalFailure(reference: string): Failure {
  const next = 'parity build --no-cache';
  return failure('integrity-mismatch', `the engine's ${reference} is not the lock's image`, { next });
}
