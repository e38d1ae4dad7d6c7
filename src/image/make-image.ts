import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { LockedImage } from '../lock/lock.ts';
import { withAsker } from './asked-package.ts';
import { loadImage } from './canonical/load-image.ts';
import { withEngineBuild } from './with-engine-build.ts';
import { lockedImage, unpinnedParts } from './identity.ts';
import { withAssembledParts } from './parts/with-assembled-parts.ts';
import type { Recipe } from './recipe.ts';
import type { EnsuredImage, EnsureImageOptions } from './ensure-options.ts';

/** Builds a lock's image and its base, and loads it into the engine under its name. Err as ensureImage. */
export async function makeImage(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
): Promise<Result<EnsuredImage>> {
  const withImage = recipe.own === undefined ? withAssembledParts : withEngineBuild;
  const made = await withImage<EnsuredImage>(options, recipe, reference, async ({ canonical, image }) => {
    const agreed = compareWithLock(options, recipe, image);
    if (!agreed.ok) return agreed;
    const imageId = await loadImage(options.engine, canonical, { ...options, reference });
    return imageId.ok ? ok({ imageId: imageId.value, reference, origin: 'built', image }) : imageId;
  });
  return made.ok ? made : err(withAsker(made.error, options.lock, options.projectDir));
}

/** Compares the built image with the lock's digests. When the lock does not pin every byte, a difference is a warning. */
function compareWithLock(
  { lock, platform, onProgress }: EnsureImageOptions,
  recipe: Recipe,
  image: LockedImage,
): Result<void> {
  const expected = lockedImage(lock, platform, recipe);
  if (expected === undefined || expected.config === image.config) return ok(undefined);
  const difference = `expected ${expected.config}, found ${image.config}`;
  const unpinned = unpinnedParts(lock, recipe);
  if (unpinned.length === 0)
    return err(
      failure('integrity-mismatch', `the image that was built is not the lock's: ${difference}`, {
        next: 'parity build --check   (it names the first file that differs)',
      }),
    );
  const message = `the image differs from the lock's: ${difference}; the lock does not hold all of ${unpinned.join(', ')}`;
  onProgress({ type: 'note', severity: 'warning', message });
  return ok(undefined);
}
