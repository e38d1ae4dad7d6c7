import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { LockedImage } from '../lock/lock.ts';
import type { EnsureImageOptions } from './ensure-options.ts';
import type { CanonicalResult } from './canonical/canonicalise.ts';
import { firstDifference } from './canonical/first-difference.ts';
import { withPresentImage } from './identify.ts';
import { imageIdOn, lockedImage, unpinnedParts } from './identity.ts';
import { withEngineBuild } from './with-engine-build.ts';
import { imageReference } from './image-reference.ts';
import { readRecipe } from './recipe.ts';

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
  return await withEngineBuild<ImageCheck>(rebuilding, recipe.value, reference, async ({ canonical, image }) => {
    const same = image.config === expected.config && image.manifest === expected.manifest;
    const unpinned = unpinnedParts(lock, recipe.value);
    if (same) return ok({ same, expected, found: image, unpinned });
    const first = await compareWithPresent(options, reference, expected, canonical);
    if (!first.ok) return first;
    return ok({
      same,
      expected,
      found: image,
      unpinned,
      ...(first.value === undefined ? {} : { difference: first.value }),
    });
  });
}

async function compareWithPresent(
  options: EnsureImageOptions,
  reference: string,
  expected: LockedImage,
  found: CanonicalResult,
): Promise<Result<string | undefined>> {
  const { engine } = options;
  const [info, present] = [await engine.describe(), await engine.inspectImage(reference)];
  if (!info.ok) return info;
  if (!present.ok) return present;
  if (present.value?.id !== imageIdOn(info.value, expected)) return ok(undefined);
  return await withPresentImage<string | undefined>(options, reference, false, async ({ canonical }) =>
    ok(difference(canonical, found)),
  );
}

function difference(expected: CanonicalResult, found: CanonicalResult): string {
  const [wanted, there] = [expected.image.layers, found.image.layers];
  if (wanted.length !== there.length) return `${there.length} layers, expected ${wanted.length}`;
  for (const [index, { digest }] of wanted.entries()) {
    const other = there[index]?.digest;
    if (digest === other || other === undefined) continue;
    const [wantedFile, file] = [expected.files.get(digest), found.files.get(other)];
    if (wantedFile === undefined || file === undefined) return 'the base is another';
    const first = firstDifference(wantedFile, file);
    if (first !== undefined) return `${first.path}: ${first.cause}`;
  }
  return 'what a container starts with: variables, user, labels or command';
}
