import type { Config } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock, LockedImage } from '../lock/lock.ts';

/** What an image is ensured from. */
export interface EnsureImageOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Build, also when the image is there, and use nothing of the engine's build cache. */
  readonly noCache?: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal | undefined;
}

/** An image that the engine has. */
export interface EnsuredImage {
  readonly imageId: string;
  /** `parity/image:<16 hex>`. */
  readonly reference: string;
  /** Whichever it was, it is the same image. */
  readonly origin: 'present' | 'pulled' | 'loaded' | 'built';
  /** What the lock should say of it; absent when it was there and the lock says nothing yet. */
  readonly image?: LockedImage;
}
