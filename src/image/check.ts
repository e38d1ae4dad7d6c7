import { baseReference } from '../base/base.ts';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { LockedImage } from '../lock/lock.ts';
import type { EnsureImageOptions } from './build.ts';
import { canonicalise, type CanonicalResult } from './canonical/canonicalise.ts';
import { firstDifference } from './canonical/compare.ts';
import { inWorkFolder } from './canonical/work-folder.ts';
import { imageIdOn, lockedImage, unpinnedParts } from './identity.ts';
import { imageLabels, inspected, withAssembled } from './make.ts';
import { imageReference } from './name.ts';
import { readRecipe, type Recipe } from './recipe.ts';

/** What a rebuild showed. */
export interface ImageCheck {
  readonly same: boolean;
  readonly expected: LockedImage;
  readonly found: LockedImage;
  /** The first file that differs and why; absent when the engine does not have the lock's image to compare with. */
  readonly difference?: string;
  /** What the lock does not hold, and so may be the reason. */
  readonly unpinned: readonly string[];
}

/**
 * Builds a lock's image from nothing and holds it against what the lock says. The engine's own image stays as it is. Err `lock-stale`
 * when the lock names no image of this recipe yet; else as ensureImage has them.
 */
export async function checkImage(options: EnsureImageOptions): Promise<Result<ImageCheck>> {
  const { lock, platform, projectDir, config } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const expected = lockedImage(lock, platform, recipe.value);
  if (expected === undefined) {
    const why = lock.platforms[platform].image === null ? 'awaits its first build' : 'was made by another recipe';
    return err(failure('lock-stale', `the lock's image of ${platform} ${why}`, { next: 'parity build' }));
  }
  const reference = imageReference({ lock, platform, recipe: recipe.value.digest });
  const rebuilding = { ...options, noCache: true };
  return await withAssembled<ImageCheck>(rebuilding, recipe.value, reference, async ({ canonical, image }) => {
    const same = image.config === expected.config && image.manifest === expected.manifest;
    const unpinned = unpinnedParts(lock, recipe.value);
    if (same) return ok({ same, expected, found: image, unpinned });
    const difference = await compareWithPresent(options, recipe.value, reference, expected, canonical);
    if (!difference.ok) return difference;
    return ok({
      same,
      expected,
      found: image,
      unpinned,
      ...(difference.value === undefined ? {} : { difference: difference.value }),
    });
  });
}

async function compareWithPresent(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
  expected: LockedImage,
  found: CanonicalResult,
): Promise<Result<string | undefined>> {
  const { engine, lock, platform } = options;
  const [info, present] = [await engine.describe(), await engine.inspectImage(reference)];
  if (!info.ok) return info;
  if (!present.ok) return present;
  if (present.value?.id !== imageIdOn(info.value, expected)) return ok(undefined);
  const base = await inspected(engine, baseReference(lock.base, platform));
  if (!base.ok) return base;
  const built = present.value;
  return await inWorkFolder(async (parent) => {
    const folder = join(parent, 'expected');
    await mkdir(folder);
    const labels = imageLabels(lock, platform, recipe);
    const wanted = await canonicalise({ engine, built, base: base.value, platform, labels, folder, withBase: false });
    if (!wanted.ok) return wanted;
    const [a, b] = [wanted.value, found];
    if (a.image.layers.length !== b.image.layers.length)
      return ok(`${b.image.layers.length} layers, expected ${a.image.layers.length}`);
    for (const [index, layer] of a.image.layers.entries()) {
      const other = b.image.layers[index];
      const [wantedFile, file] = [a.files.get(layer.digest), other && b.files.get(other.digest)];
      if (layer.digest === other?.digest) continue;
      if (wantedFile === undefined || file === undefined) return ok('the base is another');
      const difference = firstDifference(wantedFile, file);
      if (difference !== undefined) return ok(`${difference.path}: ${difference.cause}`);
    }
    return ok('what a container starts with: variables, user, labels or command');
  });
}
