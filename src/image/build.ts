import type { Config } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../lock/lock.ts';
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
  /** False when it was there already. */
  readonly built: boolean;
}

/**
 * Makes sure that the engine has a lock's image: found by its name (one question to the engine), else built, its base first.
 * Err says the failing instruction's own last lines, the cause, and what to type next.
 */
export async function ensureImage(options: EnsureImageOptions): Promise<Result<EnsuredImage>> {
  const { engine, projectDir, config, lock, platform } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const reference = imageReference({ lock, platform, recipe: recipe.value.digest });
  if (options.noCache !== true) {
    const there = await engine.inspectImage(reference);
    if (!there.ok) return there;
    if (there.value !== undefined) return ok({ imageId: there.value.id, reference, built: false });
  }
  // What a build needs takes longer to load than a warm run takes.
  const { makeImage } = await import('./make.ts');
  return await makeImage(options, recipe.value, reference);
}
