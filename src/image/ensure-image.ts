import { ok, type Result } from '../core/result.ts';
import { imageIdOn, lockedImage } from './identity.ts';
import { imageReference } from './image-reference.ts';
import { readRecipe } from './recipe.ts';
import type { EnsureImageOptions, EnsuredImage } from './ensure-options.ts';

/**
 * Makes sure that the engine has a lock's image: found by its name (one question to the engine) and held against the lock, else
 * pulled from `image.repository` by the digest that the lock names, else built, its base first, and brought into canonical form. Err says the failing instruction's own last lines, the cause, and what
 * to type next; `integrity-mismatch` when what was built is not what the lock says.
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
  // What a build needs takes longer to load than a warm run takes.
  const { makeImage } = await import('./make-image.ts');
  return await makeImage(options, recipe.value, reference);
}
