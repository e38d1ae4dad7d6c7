import type { FailureReason } from '../core/failure.ts';
import type { RunOutcome } from '../pipeline/events.ts';
import type { ReceiptStep, RunPlanStep } from './receipt.ts';

/** One difference between two runs; `there` is the first receipt's value, `here` the second's. */
export type Difference =
  | { readonly kind: 'lock'; readonly there: string; readonly here: string }
  | ImageDifference
  | { readonly kind: 'platform'; readonly there: string; readonly here: string }
  | CommandDifference
  | EnvDifference
  | FileDifference
  | OutcomeDifference
  | RunDifference;

/** Another image of a toolchain; of the default one without a name. */
export interface ImageDifference {
  readonly kind: 'image';
  readonly toolchain?: string;
  readonly there: string;
  readonly here: string;
}

/** A step that ended in another way. */
export interface OutcomeDifference {
  readonly kind: 'outcome';
  readonly step: string;
  readonly there: StepEnding;
  readonly here: StepEnding;
  /** True when nothing that decides a run differs: the same step does not always end the same. */
  readonly flaky: boolean;
}

/** One run failed as a whole or was cancelled, and the other was not. */
export interface RunDifference {
  readonly kind: 'run';
  readonly there: RunEnding;
  readonly here: RunEnding;
}

/** How a step ended. */
export type StepEnding = Pick<ReceiptStep, 'outcome' | 'exitCode' | 'signal' | 'reason'>;

/** How a run ended. */
export interface RunEnding {
  readonly outcome: RunOutcome;
  readonly failure: FailureReason | null;
}

/** A fact that differs between the runs and decides nothing by itself. */
export interface Circumstance {
  readonly what: 'commit' | 'dirty' | 'parity' | 'engine' | 'cpus' | 'memory' | 'cold' | 'other files';
  readonly there: string;
  readonly here: string;
}

/** The result of comparing two receipts. */
export interface Comparison {
  /** True when only times, logs and circumstances differ. */
  readonly equal: boolean;
  /** In order of cause: an earlier difference may explain a later one. */
  readonly differences: readonly Difference[];
  readonly circumstances: readonly Circumstance[];
  /** Names of the steps that both runs had. */
  readonly steps: readonly string[];
  /** Names of the steps that only one of the runs was asked for. */
  readonly notCompared: readonly string[];
}

/** A step of two runs, or of two plans. */
export interface CommonStep<Step extends RunPlanStep = ReceiptStep> {
  readonly there: Step;
  readonly here: Step;
}

/** A step that only one pipeline has (`step`), or whose definition differs. */
export interface CommandDifference {
  readonly kind: 'command';
  readonly step: string;
  readonly field: 'step' | 'run' | 'cwd' | 'network' | 'needs' | 'toolchain' | 'inputs';
  /** As text; null when the step or the field is absent. */
  readonly there: string | null;
  readonly here: string | null;
}

/** A variable whose value differs in some steps, or that only one run had. */
export interface EnvDifference {
  readonly kind: 'env';
  readonly name: string;
  readonly steps: readonly string[];
  /** The value's digest, or `secret`; null when it is not set. */
  readonly there: string | null;
  readonly here: string | null;
}

/** A file that some steps read and that differs or is missing. */
export interface FileDifference {
  readonly kind: 'inputs';
  /** Relative to the repository's top; null when the digests of inputs differ but no listed file does. */
  readonly path: string | null;
  readonly change: 'content' | 'mode' | 'only-there' | 'only-here' | 'unlisted';
  /** `100644 <sha256>`; null when the file is missing. */
  readonly there: string | null;
  readonly here: string | null;
  /** Names of the steps that read it. */
  readonly steps: readonly string[];
}
