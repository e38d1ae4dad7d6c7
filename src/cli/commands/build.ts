import type { Config } from '../../config/config.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { ensureImage, type EnsuredImage } from '../../image/build.ts';
import type { Lock } from '../../lock/lock.ts';

/** What `parity build` needs. */
export interface BuildCommandOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Build again, with nothing of the engine's build cache. */
  readonly noCache: boolean;
  readonly emit: EmitProgress;
  readonly signal?: AbortSignal;
  /** Prints the result: text, or one JSON object. */
  readonly print: (text: string) => void;
  readonly json: boolean;
}

/** `parity build`: prints the image's name and ID; an image that is there already is not built again, and that is said. */
export async function buildCommand(options: BuildCommandOptions): Promise<Result<EnsuredImage>> {
  const { engine, projectDir, config, lock, platform, noCache, emit, signal } = options;
  const image = await ensureImage({ engine, projectDir, config, lock, platform, noCache, onProgress: emit, signal });
  if (!image.ok) return image;
  const { reference, imageId, built } = image.value;
  if (!built) emit({ type: 'note', severity: 'note', message: 'the lock has not changed: its image is already there' });
  options.print(
    options.json ? JSON.stringify({ type: 'build', reference, imageId, built }) : `${reference}\n${imageId}`,
  );
  return ok(image.value);
}
