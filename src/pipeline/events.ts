import type { Failure } from '../core/failure.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';

/** How a step ended; `tolerated`: it failed, and its `allowFailure` lets it. */
export type StepOutcome = 'passed' | 'failed' | 'tolerated' | 'cached' | 'skipped' | 'cancelled';

/** How many steps ended in each way; `tolerated` is absent for none. */
export type StepCounts = Readonly<Record<Exclude<StepOutcome, 'tolerated'>, number>> & { readonly tolerated?: number };

/** How a run ended. */
export type RunOutcome = 'passed' | 'failed' | 'cancelled';

/** Everything that happens in a run, in order, as facts: execution emits these and reporters word them. Times are monotonic milliseconds. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly steps: readonly PlannedStep[];
      readonly project: string;
      readonly configSource: string;
      readonly jobs: number;
    }
  | ProgressEvent
  | { readonly type: 'step-started'; readonly step: string; readonly command: string }
  | { readonly type: 'step-output'; readonly step: string; readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }
  | StepFinished
  | RunFinished;

/** A step as the plan has it. */
export interface PlannedStep {
  readonly name: string;
  readonly run: string;
  readonly needs: readonly string[];
  readonly cwd: string;
  /** The name of its toolchain; absent for the default one. */
  readonly toolchain?: string;
}

/** The end of one step. */
export interface StepFinished {
  readonly type: 'step-finished';
  readonly step: string;
  readonly outcome: StepOutcome;
  /** null when it never ran, was killed by a signal, or timed out. */
  readonly exitCode: number | null;
  /** e.g. `SIGKILL`. */
  readonly signal: string | null;
  readonly durationMs: number;
  /** Why, when it is not the command's own exit code: `timeout`, `out-of-memory`, `needs` (a needed step failed), `interrupted`, `fail-fast`, `environment-lost`, `service` (one can't be had). */
  readonly reason:
    'timeout' | 'out-of-memory' | 'needs' | 'interrupted' | 'fail-fast' | 'environment-lost' | 'service' | null;
  /** With `needs`: which step. */
  readonly because?: string;
  /** What to type next, ready to copy: `Run: black core/`. */
  readonly next: readonly string[];
  /** What the tools said in its output, in their order; of a step that passed, warnings and notes at most. */
  readonly diagnostics: readonly ToolDiagnostic[];
  /** How many more they said; absent for none. */
  readonly diagnosticsLeftOut?: number;
  /** Of a step that failed: what is known of such failures, the most telling first, five at most; absent for none. */
  readonly remedies?: readonly FoundRemedy[];
  readonly peakMemoryBytes: number | null;
  readonly cpuMs: number | null;
  /** Of a cached step whose pass is another machine's: whose, and when it passed (ISO 8601, UTC). */
  readonly cachedFrom?: { readonly by: 'ci' | 'laptop'; readonly at: string };
}

/** The end of the run. */
export interface RunFinished {
  readonly type: 'run-finished';
  readonly outcome: RunOutcome;
  readonly imageId: string | null;
  readonly durationMs: number;
  readonly counts: StepCounts;
  /** Set when the run could not go on. */
  readonly failure?: Failure;
}

/** Takes events as they happen. Never throws; never blocks for long. */
export type EmitEvent = (event: RunEvent) => void;
