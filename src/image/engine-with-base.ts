import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { baseReference, ensureBase } from '../base/base.ts';
import type { Engine, EngineInfo, ImageInfo } from '../engine/engine.ts';
import type { EnsureImageOptions } from './ensure-options.ts';

/** Inspects an image that the engine should have. Err `image-not-found` when it was removed meanwhile. */
export async function requireImage(engine: Engine, ref: string): Promise<Result<ImageInfo>> {
  const image = await engine.inspectImage(ref);
  if (!image.ok) return image;
  if (image.value !== undefined) return ok(image.value);
  return err(failure('image-not-found', `the engine no longer has ${ref}`, { next: 'run the same command again' }));
}

/** Describes the engine and inspects the image's base there, building the base when it is missing. Err as ensureBase. */
export async function engineWithBase(
  options: EnsureImageOptions,
): Promise<Result<{ readonly info: EngineInfo; readonly base: ImageInfo }>> {
  const { engine, lock, platform } = options;
  const info = await engine.describe();
  if (!info.ok) return info;
  const ensured = await ensureBase(engine, lock.base, platform, options);
  if (!ensured.ok) return ensured;
  const base = await requireImage(engine, baseReference(lock.base, platform));
  return base.ok ? ok({ info: info.value, base: base.value }) : base;
}
