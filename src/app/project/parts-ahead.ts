import type { Config } from '../../config/config.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import type { Engine } from '../../engine/engine.ts';
import type { MakeAheadOptions, PartsMadeAhead } from '../../image/parts/make-ahead.ts';
import type { KnownPackages } from '../../lock/lock.ts';

/** What parts are made ahead for. */
export interface PartsAheadOptions {
  readonly projectDir: string;
  readonly config: Config;
  readonly emit: EmitProgress;
  readonly signal?: AbortSignal;
}

/** The parts of images that are made while a lock is being resolved, for a run that will need its image. */
export class PartsAhead {
  readonly #options: PartsAheadOptions;
  readonly #stop = new AbortController();
  readonly #begun: Promise<PartsMadeAhead | undefined>[] = [];

  constructor(options: PartsAheadOptions) {
    this.#options = options;
  }

  /** Begins with what is known. */
  start(known: KnownPackages, engine: Engine, platform: Platform): void {
    const { projectDir, config, emit, signal } = this.#options;
    const stop = this.#stop.signal;
    const either = signal === undefined ? stop : AbortSignal.any([signal, stop]);
    const begun = begin({ engine, projectDir, config, platform, known, onProgress: emit, signal: either });
    begun.catch(() => undefined);
    this.#begun.push(begun);
  }

  /** Resolves once whoever assembles the image will wait for what was begun. */
  async begun(): Promise<void> {
    await Promise.allSettled(this.#begun);
  }

  /** Ends it: there will be no lock. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const each of await Promise.allSettled(this.#begun))
      if (each.status === 'fulfilled') await Promise.allSettled([each.value?.ended]);
  }
}

async function begin(options: MakeAheadOptions): Promise<PartsMadeAhead | undefined> {
  const { makePartsAhead } = await import('../../image/parts/make-ahead.ts');
  return await makePartsAhead(options);
}
