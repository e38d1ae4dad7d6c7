import type { Config } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock, LockedImage } from '../lock/lock.ts';

/** Options of ensureImage and of what builds, pulls and checks images. */
export interface EnsureImageOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Builds even when the engine has the image, without the engine's build cache. */
  readonly noCache?: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal | undefined;
}

/** An image that the engine has. */
export interface EnsuredImage {
  readonly imageId: string;
  /** `parity/image:<16 hex>`. */
  readonly reference: string;
  /** Where the image came from; the image is the same in every case. */
  readonly origin: 'present' | 'pulled' | 'loaded' | 'built';
  /** The digests for the lock; absent when the engine had the image and the lock has no digests yet. */
  readonly image?: LockedImage;
}
