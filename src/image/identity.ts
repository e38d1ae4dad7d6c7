import { failure, type Failure } from '../core/failure.ts';
import type { Platform } from '../core/platform.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Lock, LockedImage } from '../lock/lock.ts';
import type { CanonicalImage } from './canonical/canonical-image.ts';
import { lockContentDigest } from './image-reference.ts';
import type { Recipe } from './recipe.ts';

/** What an engine shows as the ID of an image: its manifest's digest in the containerd image store, else its config's. */
export function imageIdOn({ imageStore }: Pick<EngineInfo, 'imageStore'>, image: Omit<LockedImage, 'recipe'>): string {
  return imageStore === 'containerd' ? image.manifest : image.config;
}

/** The image that a lock says a recipe yields; undefined before the first build, and for another recipe. */
export function lockedImage(lock: Lock, platform: Platform, recipe: Recipe): LockedImage | undefined {
  const image = lock.platforms[platform].image;
  return image?.recipe === recipe.digest ? image : undefined;
}

/** Says that a lock names no image to hold another against. */
export function noLockedImageFailure(platform: Platform): Failure {
  const next = 'parity build, then commit parity.lock.json';
  return failure('lock-stale', `the lock names no image of ${platform} by this recipe`, { next });
}

/**
 * Packages whose build parity can't pin: made from source, by build tools and a compiler that the lock does not hold. `recipe` when the
 * project has its own. Empty: the image is a function of the lock.
 */
export function unpinnedParts(lock: Lock, recipe: Recipe): readonly string[] {
  const built = [...lock.python.packages, ...(lock.python.build?.packages ?? [])]
    .filter(({ sdist }) => sdist === true)
    .map(({ name }) => `${name} (built from source)`);
  return recipe.own === undefined ? built : [...built, recipe.own];
}

/** What the image says of itself: which lock made it, and which recipe. */
export function imageLabels(lock: Lock, platform: Platform, recipe: Recipe): Readonly<Record<string, string>> {
  return {
    'dev.parity.kind': 'image',
    'dev.parity.lock': lockContentDigest(lock, platform),
    'dev.parity.recipe': recipe.digest,
  };
}

/** The digests by which engines know an image. */
export function digestsOf({ config, manifest }: CanonicalImage): Omit<LockedImage, 'recipe'> {
  return { config: config.digest, manifest: manifest.digest };
}
