import type { Config } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock, LockedImage } from '../lock/lock.ts';
import { imageIdOn, lockedImage } from './identity.ts';
import { imageReference } from './name.ts';
import { readRecipe } from './recipe.ts';

/** What an image is ensured from. */
export interface EnsureImageOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Build, also when the image is there, and use nothing of the engine's build cache. */
  readonly noCache?: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal | undefined;
}

/** An image that the engine has. */
export interface EnsuredImage {
  readonly imageId: string;
  /** `parity/image:<16 hex>`. */
  readonly reference: string;
  /** Whichever it was, it is the same image. */
  readonly origin: 'present' | 'pulled' | 'loaded' | 'built';
  /** What the lock should say of it; absent when it was there and the lock says nothing yet. */
  readonly image?: LockedImage;
}

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
    const { pullLocked } = await import('./share/pull.ts');
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
  const { makeImage } = await import('./make.ts');
  return await makeImage(options, recipe.value, reference);
}
