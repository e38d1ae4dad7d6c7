import { ok, type Result } from '../core/result.ts';
import { imageIdOn, lockedImage } from './identity.ts';
import { imageReference } from './image-reference.ts';
import { readRecipe } from './recipe.ts';
import type { EnsureImageOptions, EnsuredImage } from './ensure-options.ts';

/**
 * Makes sure that the engine has a lock's image. It looks the image up by its name and compares it with the lock; else it pulls the
 * image from `image.repository` by the digest in the lock; else it builds the base and the image and brings that into canonical form.
 * Err has the failing instruction's last lines, the cause, and what to type next; `integrity-mismatch` when the built image is not
 * the lock's.
 */
export async function ensureImage(options: EnsureImageOptions): Promise<Result<EnsuredImage>> {
  const { engine, projectDir, config, lock, platform } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const reference = imageReference({ lock, platform, recipe: recipe.value.digest });
  if (options.noCache !== true) {
    const [there, info] = await Promise.all([engine.inspectImage(reference), engine.describe()]);
    if (!there.ok) return there;
    if (!info.ok) return info;
    if (there.value !== undefined) {
      const { id } = there.value;
      const locked = lockedImage(lock, platform, recipe.value);
      if (locked === undefined) return ok({ imageId: id, reference, origin: 'present' });
      const wanted = imageIdOn(info.value, locked);
      if (wanted === id) return ok({ imageId: id, reference, origin: 'present', image: locked });
      const message = `the engine's ${reference} is not the lock's image: it is made anew`;
      options.onProgress({
        type: 'note',
        severity: 'warning',
        message: `${message} (expected ${wanted}, found ${id})`,
      });
    }
  }
  const expected = lockedImage(lock, platform, recipe.value);
  if (options.noCache !== true && expected !== undefined && config.image.repository !== undefined) {
    const { pullLocked } = await import('./share/pull-image.ts');
    const pulled = await pullLocked(options, config.image.repository, reference, expected);
    if (pulled.ok || pulled.error.reason === 'interrupted') return pulled;
    options.onProgress({
      type: 'note',
      severity: pulled.error.reason === 'integrity-mismatch' ? 'warning' : 'note',
      message: `the image is built here: ${[pulled.error.message, pulled.error.detail].filter(Boolean).join(': ')}`,
      hint: 'share it: parity image push',
    });
  }
  // Loading the build code takes longer than a warm run, so it loads only for a build.
  const { makeImage } = await import('./make-image.ts');
  return await makeImage(options, recipe.value, reference);
}
