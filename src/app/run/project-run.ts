import type { StepConfig } from '../../config/config.ts';
import type { Failure } from '../../core/failure.ts';
import type { Lock } from '../../lock/lock.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import type { RunFinished } from '../../pipeline/events.ts';
import type { Repetition } from '../../pipeline/repeat-variables.ts';
import type { PipelineRun } from '../../pipeline/run-pipeline.ts';
import type { Shard } from '../../pipeline/shard.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import type { KeptLogs } from '../../report/run-state.ts';
import type { PageFacts } from '../../report/run/page/page-facts.ts';
import type { GitPrefetch } from '../../workspace/git-prefetch.ts';
import type { CommandLine } from '../replay/replay.ts';
import type { RunRequest } from './run-request.ts';
import type { SeenFiles } from './step-keys.ts';

/** How to run a project's pipeline. */
export interface ProjectRun extends RunRequest {
  /** One machine's part of it; all of it by default. */
  readonly shard?: Shard;
  /** What the caller knows of a failing step. */
  readonly advise?: NonNullable<PipelineRun['advise']>;
  /** What the caller knows of a failure that keeps the pipeline from starting: the failure to report instead. */
  readonly explain?: (failure: Failure) => Failure;
  /** The project (absolute, real) to which the receipt belongs when the run is in another checkout of it: a commit workspace. */
  readonly keepFor?: string;
  /** The run is one of `--repeat`; without `needs`, an earlier one made ready what the steps need. */
  readonly repetition?: Repetition & { readonly withoutNeeds: boolean };
  /** The command that runs it, for the history; `up` by default. */
  readonly command?: 'preflight' | 'repro';
  /** The run is a round of `--watch`. */
  readonly round?: WatchRound;
  /** The command line that asked for the run; absent for a call of the API. */
  readonly caller?: RunCaller;
}

/** What a run takes from the command line that asked for it. */
export interface RunCaller {
  /** Also shows the output of cached steps and every decision of the detection. */
  readonly verbose: boolean;
  /** Gives what git was asked before the program was loaded: once, since it is soon out of date. */
  readonly takeGitPrefetch: () => GitPrefetch | undefined;
  /** The words under which a run that had nothing to do may be replayed. */
  readonly commandLine: CommandLine;
  /** Where the printed output of the steps lies; undefined when none was printed. */
  readonly logs: () => KeptLogs | undefined;
}

/** What `--watch` gives to a round of it, and learns from it. */
export interface WatchRound {
  /** Believes no pass, and keeps new ones all the same. */
  readonly isFresh: boolean;
  /** Passes of this session by key: they stand for steps that have the network, too. */
  readonly passes: Map<string, Pass>;
  /** Takes what the steps see, as soon as it is known; again when parity itself has changed it (an image's first build is written into the lock). */
  readonly onSnapshot: (snapshot: RoundSnapshot) => void;
}

/** What the steps of a round see. */
export interface RoundSnapshot extends SeenFiles {
  readonly steps: readonly StepConfig[];
  readonly lock: Lock;
  /** The config's own recipe, relative to the project. */
  readonly dockerfile: string | undefined;
}

/** How a run ended, and its record. */
export interface ProjectRunEnd {
  readonly finished: RunFinished;
  /** Absent when the run ended before it had a plan, or when the files that the steps saw can't be listed. */
  readonly receipt?: Receipt;
  /** What a page shows beside them; only where an observer needs one. */
  readonly page?: PageFacts;
  /** The commit and its state where there is no receipt that has them. */
  readonly seen?: Pick<Receipt, 'commit' | 'dirty'>;
}
