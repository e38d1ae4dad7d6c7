import { setMaxListeners } from 'node:events';
import { posix } from 'node:path';
import type { Failure } from '../../core/failure.ts';
import { onAbort } from '../../core/interruption.ts';
import { lockFileName } from '../../lock/write.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import type { AppContext } from '../context.ts';
import type { ProjectRun, RoundSnapshot } from '../run/project-run.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { runProject } from '../run/run-project.ts';
import type { RoundPlan, Snapshot } from './snapshot.ts';

/** How a round runs. */
export interface RoundOptions {
  readonly run: ProjectRun;
  /** Runs every step that the plan has. */
  readonly isFresh: boolean;
  /** The files when the round was decided on. */
  readonly before: Snapshot;
  /** Passes of this session. */
  readonly passes: Map<string, Pass>;
  readonly snapshotOf: (snapshot: RoundSnapshot) => Promise<Snapshot>;
  /** Called when the round's plan is known. */
  readonly onPlan: () => void;
}

/** One run of the pipeline under `--watch`. It starts when it is made. */
export class Round implements RunObserver {
  /** Resolves to the round itself when it is over. */
  readonly over: Promise<Round>;
  /** The steps that run or have run. */
  readonly begun = new Set<string>();
  /** The steps that have failed so far. */
  readonly failed = new Set<string>();
  readonly #options: RoundOptions;
  readonly #cancelling = new AbortController();
  #snapshot: Snapshot;
  #plan: RoundPlan | undefined;
  #isReported = false;
  #finished: RunFinished | undefined;
  #firstAt = Number.POSITIVE_INFINITY;
  #lastAt = 0;

  constructor(context: AppContext, options: RoundOptions) {
    this.#options = options;
    this.#snapshot = options.before;
    setMaxListeners(0, this.#cancelling.signal);
    this.over = this.#run(context);
  }

  /** How it ended; undefined before that. */
  finished(): RunFinished | undefined {
    return this.#finished;
  }

  /** Whether its end has been reported: it is of no use to cancel it, whatever is still to be put away. */
  isReported(): boolean {
    return this.#isReported;
  }

  /** The files that its steps see; those before it began, until that is known. */
  snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Undefined until it is known, and for ever when the run could not be planned. */
  plan(): RoundPlan | undefined {
    return this.#plan;
  }

  /** Whether a step ran at that time, or between two that did; milliseconds since 1970. */
  ranAt(time: number): boolean {
    return time >= this.#firstAt && time <= this.#lastAt;
  }

  /** Cancels it; what ran is over within 2 s. The failure says why. */
  cancel(why: Failure): void {
    this.#cancelling.abort(why);
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'run-finished') this.#isReported = true;
    else if (event.type === 'step-started') {
      this.begun.add(event.step);
      this.#firstAt = Math.min(this.#firstAt, Date.now());
    } else if (event.type === 'step-finished') {
      if (event.outcome === 'failed') this.failed.add(event.step);
      if (this.begun.has(event.step)) this.#lastAt = Date.now();
    }
  }

  async #run(context: AppContext): Promise<Round> {
    const { run, isFresh, passes } = this.#options;
    const stopListening = onAbort(context.signal, () => this.#cancelling.abort(context.signal.reason));
    try {
      const round = { isFresh, passes, onSnapshot: (snapshot: RoundSnapshot) => void this.#onSnapshot(snapshot) };
      const end = await runProject({ ...context, signal: this.#cancelling.signal }, { ...run, round }, [this]);
      this.#finished = end.finished;
      return this;
    } finally {
      stopListening();
    }
  }

  async #onSnapshot(snapshot: RoundSnapshot): Promise<void> {
    this.#snapshot = await this.#options.snapshotOf(snapshot);
    const { steps, project, dockerfile = [] } = snapshot;
    this.#plan = {
      steps,
      project,
      decisive: new Set([lockFileName, dockerfile].flat().map((file) => posix.join(project, file))),
    };
    this.#options.onPlan();
  }
}
