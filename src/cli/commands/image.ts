import { resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { loadArchive } from '../../image/share/load.ts';
import { saveImage } from '../../image/share/save.ts';
import type { Lock } from '../../lock/lock.ts';
import { ensureLockedImage } from '../locked-image.ts';

/** What the `parity image` commands need. */
export interface ImageCommandOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Where file names start. */
  readonly cwd: string;
  readonly emit: EmitProgress;
  readonly signal?: AbortSignal;
  /** Prints the result: text, or one JSON object. */
  readonly print: (text: string) => void;
  readonly json: boolean;
}

/** `parity image save FILE`: the lock's image, built if need be, as an archive for engines and caches without a registry. */
export async function imageSaveCommand(options: ImageCommandOptions, file: string): Promise<Result<void>> {
  const building = { ...options, onProgress: options.emit };
  const ensured = await ensureLockedImage({ ...building, frozen: true });
  if (!ensured.ok) return ensured;
  const saved = await saveImage(building, ensured.value.reference, resolve(options.cwd, file));
  if (!saved.ok) return saved;
  const { image, sizeBytes } = saved.value;
  options.print(
    options.json
      ? JSON.stringify({ type: 'image-saved', ...saved.value })
      : `${saved.value.file}: ${Math.round(sizeBytes / 1e6)} MB\n${image.config}`,
  );
  return ok(undefined);
}

/** `parity image load FILE`: an archive that is the lock's image, into the engine; anything else is refused. */
export async function imageLoadCommand(options: ImageCommandOptions, file: string): Promise<Result<void>> {
  const loaded = await loadArchive({ ...options, onProgress: options.emit }, resolve(options.cwd, file));
  if (!loaded.ok) return loaded;
  const { reference, imageId } = loaded.value;
  options.print(
    options.json ? JSON.stringify({ type: 'image-loaded', reference, imageId }) : `${reference}\n${imageId}`,
  );
  return ok(undefined);
}
