import { inPhase } from '../../base/in-phase.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedImage } from '../../lock/lock.ts';
import { imageIdOn, lockedImage, noLockedImageFailure } from '../identity.ts';
import { imageReference } from '../image-reference.ts';
import { readRecipe } from '../recipe.ts';
import { repositoryOf } from './repository.ts';
import type { EnsuredImage, EnsureImageOptions } from '../ensure-options.ts';

/** Pulls the lock's image from the project's repository (`parity image pull`). Err `lock-stale` when the lock has no image; else as pullLocked. */
export async function pullImage(options: EnsureImageOptions): Promise<Result<EnsuredImage>> {
  const { engine, lock, platform, projectDir, config } = options;
  const repository = repositoryOf(config);
  if (!repository.ok) return repository;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const expected = lockedImage(lock, platform, recipe.value);
  if (expected === undefined) return err(noLockedImageFailure(platform));
  const reference = imageReference({ lock, platform, recipe: recipe.value.digest });
  const [there, info] = await Promise.all([engine.inspectImage(reference), engine.describe()]);
  if (!there.ok) return there;
  if (!info.ok) return info;
  const imageId = imageIdOn(info.value, expected);
  if (there.value?.id === imageId) {
    options.onProgress({ type: 'note', severity: 'note', message: 'the image is already there' });
    return ok({ imageId, reference, origin: 'present', image: expected });
  }
  return await pullLocked(options, repository.value, reference, expected);
}

/**
 * Pulls the lock's image from a repository by its manifest's digest, and tags it with parity's name. Another image never gets that name:
 * Err `integrity-mismatch` with the expected and the found ID, `image-not-found`, `network`.
 */
export async function pullLocked(
  { engine, platform, onProgress, signal }: EnsureImageOptions,
  repository: string,
  reference: string,
  expected: LockedImage,
): Promise<Result<EnsuredImage>> {
  const remote = `${repository}@${expected.manifest}`;
  return await inPhase(
    onProgress,
    'image',
    remote,
    `Pulling the image from ${repository}`,
    async (tell): Promise<Result<EnsuredImage>> => {
      const info = await engine.describe();
      if (!info.ok) return info;
      const pulled = await engine.pullImage(remote, {
        platform,
        onProgress: tell,
        ...(signal === undefined ? {} : { signal }),
      });
      if (!pulled.ok) return pulled;
      // Another parity process may have pulled it at the same time, tagged it and removed the registry's name.
      let there = await engine.inspectImage(remote);
      if (there.ok && there.value === undefined) there = await engine.inspectImage(reference);
      if (!there.ok) return there;
      const [wanted, found] = [imageIdOn(info.value, expected), there.value?.id ?? 'no image'];
      const tagged = wanted === found ? await engine.tagImage(found, reference) : undefined;
      // The image stays under parity's name; a second name would keep it after `parity clean` removes the first.
      const dropped = await engine.removeImage(remote);
      if (tagged === undefined) {
        const message = `${remote} is not the lock's image: expected ${wanted}, found ${found}`;
        return err(failure('integrity-mismatch', message, { next: 'parity build, then: parity image push' }));
      }
      if (!tagged.ok) return tagged;
      if (!dropped.ok) return dropped;
      return ok({ imageId: wanted, reference, origin: 'pulled', image: expected });
    },
    ({ imageId }) => imageId,
  );
}
