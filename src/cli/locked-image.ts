import { ok, type Result } from '../core/result.ts';
import { ensureImage, type EnsuredImage, type EnsureImageOptions } from '../image/build.ts';
import { recordImage } from '../lock/record-image.ts';
import { lockFileName } from '../lock/write.ts';

/**
 * Makes sure of a lock's image, and that the lock names it from then on. With `frozen` the lock is not written: what it says is held
 * against the image, and what it does not say stays unsaid. Errors as ensureImage and recordImage have them.
 */
export async function ensureLockedImage(
  options: EnsureImageOptions & { readonly frozen: boolean },
): Promise<Result<EnsuredImage>> {
  const { projectDir, lock, platform, frozen, onProgress } = options;
  let ensured = await ensureImage(options);
  if (!ensured.ok || frozen) return ensured;
  if (ensured.value.image === undefined) {
    const { identifyImage } = await import('../image/identify.ts');
    const image = await identifyImage(options, ensured.value.reference);
    if (!image.ok) return image;
    ensured =
      image.value === undefined
        ? await ensureImage({ ...options, noCache: true })
        : ok({ ...ensured.value, image: image.value });
    if (!ensured.ok) return ensured;
  }
  const { image } = ensured.value;
  const locked = lock.platforms[platform].image;
  if (image === undefined || (locked?.config === image.config && locked.recipe === image.recipe)) return ensured;
  const recorded = await recordImage(projectDir, lock, platform, image);
  if (!recorded.ok) return recorded;
  if (recorded.value.changed) {
    const message = `${lockFileName} now names the image of ${platform}`;
    onProgress({ type: 'note', severity: 'note', message, hint: `commit it: git add ${lockFileName}` });
  }
  return ensured;
}
