import type { ToolchainName } from '../../config/toolchains.ts';
import { ok, type Result } from '../../core/result.ts';
import { ensureImage } from '../../image/ensure-image.ts';
import { recordImage } from '../../lock/record-image.ts';
import { lockFileName } from '../../lock/write.ts';
import { appendHistory, appendImageHistory } from '../history/append-history.ts';
import type { EnsuredImage, EnsureImageOptions } from '../../image/ensure-options.ts';

/**
 * Makes sure of a toolchain's image, and that the lock names it from then on. Config and lock are the toolchain's own (toolchainConfig,
 * toolchainLock). With `frozen` the lock is not written: what it says is held
 * against the image, and what it does not say stays unsaid. Errors as ensureImage and recordImage have them.
 */
export async function ensureLockedImage(
  options: EnsureImageOptions & { readonly frozen: boolean; readonly toolchain?: ToolchainName },
): Promise<Result<EnsuredImage>> {
  const { projectDir, lock, toolchain, platform, frozen, onProgress } = options;
  const ensured = await ensureAndName(options, frozen);
  if (!ensured.ok) return ensured;
  await appendImageHistory(ensured.value);
  const { image } = ensured.value;
  const locked = lock.platforms[platform].image;
  if (frozen || image === undefined || (locked?.config === image.config && locked.recipe === image.recipe))
    return ensured;
  const recorded = await recordImage(projectDir, { lock, toolchain }, platform, image);
  if (!recorded.ok) return recorded;
  if (recorded.value.changed) {
    const of = toolchain === undefined ? '' : `${toolchain} on `;
    await appendHistory(projectDir, {
      type: 'lock',
      change: 'changed',
      pins: [`the image of ${of}${platform}: ${image.config}`],
    });
    const message = `${lockFileName} now names the image of ${of}${platform}`;
    onProgress({ type: 'note', severity: 'note', message, hint: `commit it: git add ${lockFileName}` });
  }
  return ensured;
}

/** The image, with what the lock should say of it unless that is not asked. */
async function ensureAndName(options: EnsureImageOptions, frozen: boolean): Promise<Result<EnsuredImage>> {
  const ensured = await ensureImage(options);
  if (!ensured.ok || frozen || ensured.value.image !== undefined) return ensured;
  const { identifyImage } = await import('../../image/identify.ts');
  const image = await identifyImage(options, ensured.value.reference);
  if (!image.ok) return image;
  if (image.value === undefined) return await ensureImage({ ...options, noCache: true });
  return ok({ ...ensured.value, image: image.value });
}
