/** The form of the audit's lines that this parity writes, and the newest it reads. */
export const historyVersion = 1;

/** What every line of the audit says. */
export interface HistoryCommon {
  readonly version: typeof historyVersion;
  /** 8 hex digits; of a run, what `parity logs` is told. */
  readonly id: string;
  /** When it began, ISO 8601, UTC. */
  readonly at: string;
  /** The parity that did it. */
  readonly parity: string;
}

/** One line of the audit trail. No secret is in it, and nothing of a file's content. */
export type HistoryEntry = HistoryCommon & HistoryFact;

/** What happened. */
export type HistoryFact = RunFact | ImageFact | LockFact | CleanFact | DownFact;

/** A run of the pipeline, whatever its end. */
export interface RunFact {
  readonly type: 'run';
  readonly command: 'up' | 'watch' | 'preflight' | 'repro';
  /** The names of steps that were asked for; none = the whole pipeline. */
  readonly asked: readonly string[];
  readonly outcome: 'passed' | 'failed' | 'cancelled';
  readonly durationMs: number;
  /** HEAD when it began; null when it is not known. */
  readonly commit: string | null;
  /** True when the files were not exactly those of the commit; null when it is not known. */
  readonly dirty: boolean | null;
  /** As the engine shows it. */
  readonly imageId: string | null;
  /** In the order in which they ended. */
  readonly steps: readonly RunStep[];
  /** Why it could not go on; `detail` is the end of what the engine, a service or a tool said. */
  readonly failure: { readonly reason: string; readonly message: string; readonly detail: string | null } | null;
  /** The receipt's file among the project's kept ones; null when there is none. */
  readonly receipt: string | null;
  /** The folder of its logs below the cache's `logs`; null when nothing was printed. */
  readonly logs: string | null;
  /** Nothing had changed since the run before, which was told again. */
  readonly unchanged?: true;
}

/** One step of a run. */
export interface RunStep {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'tolerated' | 'cached' | 'skipped' | 'cancelled';
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly durationMs: number;
  /** Bytes of its log; null when it printed nothing, or did not run. */
  readonly log: number | null;
}

/** The engine got an image of the project. */
export interface ImageFact {
  readonly type: 'image';
  readonly origin: 'pulled' | 'loaded' | 'built';
  readonly reference: string;
  readonly imageId: string;
}

/** The project's lock was written. */
export interface LockFact {
  readonly type: 'lock';
  readonly change: 'created' | 'changed';
  /** A line for each pin that moved, the first fifty. */
  readonly pins: readonly string[];
}

/** `parity clean`, of the whole machine. */
export interface CleanFact {
  readonly type: 'clean';
  readonly all: boolean;
  readonly removed: Readonly<Record<string, number>>;
  readonly freedBytes: number;
}

/** `parity down`. */
export interface DownFact {
  readonly type: 'down';
  readonly containers: readonly string[];
}
