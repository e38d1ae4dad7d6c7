import { setMaxListeners } from 'node:events';
import { posix } from 'node:path';
import type { Failure } from '../../core/failure.ts';
import { lockFileName } from '../../lock/write.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import type { CommandContext } from '../../cli/context.ts';
import { runProject, type ProjectRun } from '../run/run-project.ts';
import type { RoundPlan, Snapshot } from './snapshot.ts';

/** One run of the pipeline under `--watch`. */
export interface Round {
  /** Resolves to the round itself when it is over. */
  readonly over: Promise<Round>;
  readonly finished: () => RunFinished | undefined;
  /** Its end has been told: it is of no use to cancel it, whatever is still to be put away. */
  readonly isTold: () => boolean;
  /** What its steps see; what was there before it began, until that is known. */
  readonly seen: () => Snapshot;
  /** Undefined until it is known, and for ever when the run could not be planned. */
  readonly plan: () => RoundPlan | undefined;
  /** The steps that run or have run. */
  readonly begun: ReadonlySet<string>;
  /** The steps that have failed so far. */
  readonly failed: ReadonlySet<string>;
  /** True when a step ran at that time, or between two that did; milliseconds since 1970. */
  readonly ranAt: (time: number) => boolean;
  /** Cancels it; what ran is over within 2 s. The failure says why. */
  cancel(why: Failure): void;
}

/** How a round runs. */
export interface RoundOptions {
  readonly run: ProjectRun;
  /** Runs every step that the plan has. */
  readonly isFresh: boolean;
  /** What was there when it was decided on. */
  readonly before: Snapshot;
  /** Passes of this session. */
  readonly passes: Map<string, Pass>;
  readonly snapshotOf: (seen: Parameters<NonNullable<ProjectRun['round']>['onSnapshot']>[0]) => Promise<Snapshot>;
  /** What the steps see is known. */
  readonly onPlan: () => void;
  /** Hears events as the reporter does, their secrets hidden. */
  readonly hear: (listener: (event: RunEvent) => void) => void;
}

/** Starts a round; nothing of it is listened for when it is over. */
export function startRound(context: CommandContext, options: RoundOptions): Round {
  const { run, isFresh, before, passes } = options;
  const cancelling = new AbortController();
  setMaxListeners(0, cancelling.signal);
  const onAbort = (): void => cancelling.abort(context.signal.reason);
  if (context.signal.aborted) onAbort();
  context.signal.addEventListener('abort', onAbort, { once: true });
  const listeners: ((event: RunEvent) => void)[] = [];
  options.hear((event) => {
    for (const listen of listeners) listen(event);
  });
  const begun = new Set<string>();
  const failed = new Set<string>();
  let seen = before;
  let plan: RoundPlan | undefined;
  let isTold = false;
  let finished: RunFinished | undefined;
  let [firstAt, lastAt] = [Number.POSITIVE_INFINITY, 0];
  listeners.push((event) => {
    if (event.type === 'run-finished') isTold = true;
    else if (event.type === 'step-started') {
      begun.add(event.step);
      firstAt = Math.min(firstAt, Date.now());
    } else if (event.type === 'step-finished') {
      if (event.outcome === 'failed') failed.add(event.step);
      if (begun.has(event.step)) lastAt = Date.now();
    }
  });
  const own: CommandContext = { ...context, signal: cancelling.signal, listen: (each) => void listeners.push(each) };
  const running = runProject(own, {
    ...run,
    round: {
      isFresh,
      passes,
      async onSnapshot(facts) {
        seen = await options.snapshotOf(facts);
        const { steps, project, dockerfile = [] } = facts;
        plan = {
          steps,
          project,
          decisive: new Set([lockFileName, dockerfile].flat().map((file) => posix.join(project, file))),
        };
        options.onPlan();
      },
    },
  });
  const round: Round = {
    over: running.then((end) => {
      context.signal.removeEventListener('abort', onAbort);
      ({ finished } = end);
      return round;
    }),
    finished: () => finished,
    isTold: () => isTold,
    seen: () => seen,
    plan: () => plan,
    begun,
    failed,
    ranAt: (time) => time >= firstAt && time <= lastAt,
    cancel: (why) => cancelling.abort(why),
  };
  return round;
}
