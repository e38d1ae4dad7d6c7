import { join } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { packageRoot } from '../../core/paths.ts';
import type { Platform } from '../../core/platform.ts';
import type { Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';

/** A place where the scripts of images/debian can run: this machine when it has apt and mmdebstrap, else a Debian container. */
export interface ScriptRunner {
  readonly kind: 'host' | 'container';
  /** The work folder on this machine; removed by `close`. */
  readonly dir: string;
  /** Runs a script. `args` gets the work folder's path where the script runs. Err words `what` and the script's output. */
  run(task: ScriptTask): Promise<Result<void>>;
  /** Removes the work folder and the container. */
  close(): Promise<void>;
}

/** One run of a script. */
export interface ScriptTask {
  readonly script: 'sources.sh' | 'resolve.sh' | 'resolve-inside.sh' | 'fetch.sh' | 'bootstrap.sh';
  readonly args: (work: string) => readonly string[];
  /** Files and folders below the work folder that the script reads. */
  readonly reads: readonly string[];
  /** Files and folders below the work folder that the script writes and the caller wants. */
  readonly writes: readonly string[];
  /** The failing sentence's start. */
  readonly title: string;
}

/** What a runner is opened with. */
export interface ScriptRunnerOptions {
  readonly engine: Engine;
  /** For the container's image where the host lacks the tools. */
  readonly suite: string;
  /** A base has to be made on its own architecture; resolving works on any. */
  readonly platform?: Platform;
  /** Run in a container of exactly this image, with nothing added to it. */
  readonly image?: string;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The failure for a file system error below parity's cache folder. */
export function cacheFailure(path: string, error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|EDQUOT/.test(text))
    return failure('disk-full', `no space left for parity's cache in ${path}`, {
      detail: text,
      next: 'free some space, or set PARITY_CACHE_DIR to a folder on another disk',
    });
  return failure('io', `parity's cache in ${path} cannot be used`, {
    detail: text,
    next: 'set PARITY_CACHE_DIR to a folder that you can write',
  });
}

/** Where the scripts are on this machine. */
export function scriptFolder(): string {
  return join(packageRoot(), 'images', 'debian');
}
