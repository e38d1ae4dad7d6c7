/** Progress of a pull, push or load, as facts; a reporter phrases it. */
export type TransferProgress =
  | {
      readonly type: 'layer';
      readonly id: string;
      readonly status: string;
      readonly currentBytes?: number;
      readonly totalBytes?: number;
    }
  | { readonly type: 'text'; readonly text: string };

/** Progress of a build; `index` and `total` count the recipe's instructions. */
export type BuildProgress =
  | {
      readonly type: 'step';
      readonly index: number;
      readonly total: number | undefined;
      readonly title: string;
      readonly cached: boolean;
    }
  | { readonly type: 'output'; readonly text: string };

/** The kinds of set-up work that a person waits for. */
export type Phase = 'checkout' | 'lock' | 'base' | 'image' | 'environment' | 'service' | 'workspace' | 'fix';

/** What rooms below the pipeline report while they work; part of the run's events. `id` tells pieces of one kind apart. */
export type ProgressEvent =
  /** Something a person should know once: what was detected, resolved, chosen. */
  | { readonly type: 'note'; readonly severity: 'note' | 'warning'; readonly message: string; readonly hint?: string }
  | { readonly type: 'phase-started'; readonly phase: Phase; readonly id: string; readonly title: string }
  | {
      readonly type: 'phase-progress';
      readonly phase: Phase;
      readonly id: string;
      readonly progress: TransferProgress | BuildProgress;
    }
  /** `result` is the settled line: `built in 41 s`, `already there`, or what went wrong. */
  | {
      readonly type: 'phase-finished';
      readonly phase: Phase;
      readonly id: string;
      readonly durationMs: number;
      readonly ok: boolean;
      readonly result: string;
    };

/** Takes progress as it happens. Never throws; never blocks for long. */
export type EmitProgress = (event: ProgressEvent) => void;
