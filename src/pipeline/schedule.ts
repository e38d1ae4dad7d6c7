import type { StepOutcome } from './events.ts';

/** What the schedule has to know of a step. `needs` names only steps of the same plan, and never in a circle. */
export interface ScheduledStep {
  readonly name: string;
  readonly needs: readonly string[];
  readonly job?: string;
  /** What may go on when it fails: whatever needs it (`step`), or only what is not of its job (`job`); absent = nothing. */
  readonly allowFailure?: 'step' | 'job';
  /** It runs whatever became of what it needs, once that is over; `started`: unless nothing that its needs name has begun. */
  readonly always?: true | 'started';
}

/** What earlier runs say of a step. */
export interface ExpectedStep {
  readonly durationMs: number;
  /** null when it is not known. */
  readonly peakMemoryBytes: number | null;
}

/** Where a step stands. */
export type StepState = 'waiting' | 'running' | StepOutcome;

/** Where a run stands. `states` has every step of the plan. */
export interface ScheduleState {
  readonly steps: readonly ScheduledStep[];
  readonly states: ReadonlyMap<string, StepState>;
  /** How many steps may run at once, at least 1. */
  readonly jobs: number;
  readonly failFast: boolean;
  /** By the step's name; what is not known of a step is not there. */
  readonly expected?: ReadonlyMap<string, ExpectedStep>;
  /** What the machine has for all steps together; nothing is held back for memory when absent. */
  readonly memoryBytes?: number;
  /** Why nothing may start any more: somebody interrupted the run, or the environment is gone. */
  readonly stopped?: 'interrupted' | 'environment-lost' | undefined;
}

/** A step that will not run, and why. */
export interface NotRun {
  readonly step: string;
  readonly outcome: 'skipped' | 'cancelled';
  readonly reason: 'needs' | 'fail-fast' | 'interrupted' | 'environment-lost';
  /** With `needs`: the step at the root of it, which failed or was not run for a reason of its own. */
  readonly because?: string;
}

/** What to do now. */
export interface NextMoves {
  /** Steps to start: first the one with the longest way to the end of the run; of equal ones, and with one job at a time, the plan's first. */
  readonly start: readonly string[];
  /** Steps to settle without running them, each after the steps that it needs. */
  readonly notRun: readonly NotRun[];
  /** Nothing runs, starts or waits: the run is over. */
  readonly done: boolean;
}

/**
 * Decides what may start and what will never run. Pure: the same state gives the same moves. A step runs once all that it
 * needs has passed (or was cached); a step with a need that did not pass is skipped, unless it is one that always runs. Throws when the plan is not one (a
 * circle, an unknown need): the plan's maker has refused those already.
 */
export function nextMoves(state: ScheduleState): NextMoves {
  const states = new Map(state.states);
  const settle: NotRun[] = [];
  const failed = [...states.values()].includes('failed');
  const byName = new Map(state.steps.map((step) => [step.name, step]));
  for (const step of inNeedOrder(state.steps)) {
    if (states.get(step.name) !== 'waiting') continue;
    const notRun = notRunReason(step, { states, byName, settled: settle, failed }, state);
    if (notRun === undefined) continue;
    settle.push(notRun);
    states.set(step.name, notRun.outcome);
  }
  const running = state.steps.map(({ name }) => name).filter((name) => states.get(name) === 'running');
  const ready = state.steps
    .filter(
      (step) => states.get(step.name) === 'waiting' && step.needs.every((need) => !keepsWaiting(states.get(need))),
    )
    .map(({ name }) => name);
  const start = fitting(inOrder(ready, state), running, state);
  const waiting = [...states.values()].includes('waiting');
  return { start, notRun: settle, done: running.length === 0 && !waiting };
}

/** The ready steps, the one first that holds up the run's end most. One job at a time ends when it ends: the plan's order is the clearer one. */
function inOrder(ready: readonly string[], { steps, jobs, expected }: ScheduleState): readonly string[] {
  if (jobs === 1 || ready.length < 2 || expected === undefined || expected.size === 0) return ready;
  const wayMs = remainingDurations(steps, expected);
  return ready.toSorted((a, b) => (wayMs.get(b) ?? 0) - (wayMs.get(a) ?? 0));
}

/** From each step's start to the end of all that waits for it, in milliseconds, if there were no end of machines. */
function remainingDurations(
  steps: readonly ScheduledStep[],
  expected: ReadonlyMap<string, ExpectedStep>,
): ReadonlyMap<string, number> {
  const known = steps.flatMap(({ name }) => expected.get(name)?.durationMs ?? []);
  // A step that nobody has timed yet is taken for one like the others.
  const usualMs = known.length === 0 ? 0 : known.reduce((sum, each) => sum + each, 0) / known.length;
  const ways = new Map<string, number>();
  for (const { name, needs } of inNeedOrder(steps).toReversed()) {
    const own = (expected.get(name)?.durationMs ?? usualMs) + (ways.get(name) ?? 0);
    ways.set(name, own);
    for (const need of needs) ways.set(need, Math.max(ways.get(need) ?? 0, own));
  }
  return ways;
}

/**
 * As many as there are jobs for, those left out whose known memory has no room beside what runs; something always runs. Steps of one job share
 * files, /tmp and ports, so they run one after another, as a machine of CI runs them.
 */
function fitting(
  ready: readonly string[],
  running: readonly string[],
  { steps, jobs, expected, memoryBytes = Infinity }: ScheduleState,
): readonly string[] {
  const start: string[] = [];
  const jobOf = new Map(steps.map(({ name, job }) => [name, job]));
  const busy = new Set(running.map((name) => jobOf.get(name)));
  const needs = (name: string): number => expected?.get(name)?.peakMemoryBytes ?? 0;
  let used = running.reduce((sum, name) => sum + needs(name), 0);
  for (const name of ready) {
    if (running.length + start.length >= jobs) break;
    const job = jobOf.get(name);
    if (job !== undefined && busy.has(job)) continue;
    if (running.length + start.length > 0 && used + needs(name) > memoryBytes) continue;
    start.push(name);
    busy.add(job);
    used += needs(name);
  }
  return start;
}

function notRunReason(
  step: ScheduledStep,
  {
    states,
    byName,
    settled,
    failed,
  }: {
    readonly states: ReadonlyMap<string, StepState>;
    readonly byName: ReadonlyMap<string, ScheduledStep>;
    readonly settled: readonly NotRun[];
    readonly failed: boolean;
  },
  { stopped, failFast }: ScheduleState,
): NotRun | undefined {
  if (stopped === 'interrupted') return { step: step.name, outcome: 'cancelled', reason: 'interrupted' };
  if (stopped === 'environment-lost') return { step: step.name, outcome: 'skipped', reason: 'environment-lost' };
  const stops = (need: ScheduledStep | undefined): boolean => {
    const state = need === undefined ? undefined : states.get(need.name);
    if (state === 'tolerated') return need?.allowFailure === 'job' && isOfOneJob(need, step);
    return isBad(state) && !(need !== undefined && !isOfOneJob(need, step) && tolerated(need, byName, states));
  };
  const bad =
    step.always === undefined ? step.needs.find((need) => stops(byName.get(need))) : nothingBegun(step, states);
  if (bad !== undefined) {
    // Who waits for a skipped step wants to hear of the one that failed, not of the chain in between.
    const root = settled.find((each) => each.step === bad && each.reason === 'needs')?.because ?? bad;
    return { step: step.name, outcome: 'skipped', reason: 'needs', because: root };
  }
  if (failFast && failed) return { step: step.name, outcome: 'skipped', reason: 'fail-fast' };
  return undefined;
}

/** A need of a step that runs only where one of them has begun, when none has; undefined otherwise. */
function nothingBegun({ needs, always }: ScheduledStep, states: ReadonlyMap<string, StepState>): string | undefined {
  return always === 'started' && needs.every((need) => states.get(need) === 'skipped') ? needs[0] : undefined;
}

function isBad(state: StepState | undefined): boolean {
  return state === 'failed' || state === 'skipped' || state === 'cancelled';
}

function hasPassed(state: StepState | undefined): boolean {
  return state === 'passed' || state === 'cached';
}

function keepsWaiting(state: StepState | undefined): boolean {
  return state === undefined || state === 'waiting' || state === 'running';
}

function isOfOneJob(a: ScheduledStep, b: ScheduledStep): boolean {
  return a.job === b.job;
}

/** Whether a step was skipped only because one of its job failed that may: what is not of that job goes on, as after a job that may fail. */
function tolerated(
  step: ScheduledStep,
  byName: ReadonlyMap<string, ScheduledStep>,
  states: ReadonlyMap<string, StepState>,
): boolean {
  if (states.get(step.name) !== 'skipped') return false;
  const stopping = step.needs.filter((need) => !keepsWaiting(states.get(need)) && !hasPassed(states.get(need)));
  return (
    stopping.length > 0 &&
    stopping.every((name) => {
      const need = byName.get(name);
      if (need === undefined || !isOfOneJob(need, step)) return false;
      return states.get(name) === 'tolerated' || tolerated(need, byName, states);
    })
  );
}

function inNeedOrder(steps: readonly ScheduledStep[]): readonly ScheduledStep[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const placed = new Set<string>();
  const open = new Set<string>();
  const order: ScheduledStep[] = [];
  const place = (name: string): void => {
    if (placed.has(name)) return;
    const step = byName.get(name);
    if (step === undefined) throw new Error(`parity: the plan lacks the needed step ${name}`);
    if (open.has(name)) throw new Error(`parity: the plan goes in a circle at ${name}`);
    open.add(name);
    for (const need of step.needs) place(need);
    placed.add(name);
    order.push(step);
  };
  for (const step of steps) place(step.name);
  return order;
}
