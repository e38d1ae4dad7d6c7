import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine, ImageInfo } from '../engine/engine.ts';

/** An image that the engine should have. Err `image-not-found` when somebody removed it meanwhile. */
export async function inspected(engine: Engine, ref: string): Promise<Result<ImageInfo>> {
  const image = await engine.inspectImage(ref);
  if (!image.ok) return image;
  if (image.value !== undefined) return ok(image.value);
  return err(failure('image-not-found', `the engine no longer has ${ref}`, { next: 'run the same command again' }));
}
