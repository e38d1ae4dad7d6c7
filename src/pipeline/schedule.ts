import type { StepOutcome } from './events.ts';

/** What the schedule has to know of a step. `needs` names only steps of the same plan, and never in a circle. */
export interface ScheduledStep {
  readonly name: string;
  readonly needs: readonly string[];
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
  /** Steps to start, in the plan's order. */
  readonly start: readonly string[];
  /** Steps to settle without running them, each after the steps that it needs. */
  readonly settle: readonly NotRun[];
  /** Nothing runs, starts or waits: the run is over. */
  readonly done: boolean;
}

/**
 * Decides what may start and what will never run. Pure: the same state gives the same moves. A step runs once all that it
 * needs has passed (or was cached); a step with a need that did not pass is skipped. Throws when the plan is not one (a
 * circle, an unknown need): the plan's maker has refused those already.
 */
export function nextMoves(state: ScheduleState): NextMoves {
  const states = new Map(state.states);
  const settle: NotRun[] = [];
  const failed = [...states.values()].includes('failed');
  for (const step of inNeedOrder(state.steps)) {
    if (states.get(step.name) !== 'waiting') continue;
    const notRun = whyNot(step, states, settle, state, failed);
    if (notRun === undefined) continue;
    settle.push(notRun);
    states.set(step.name, notRun.outcome);
  }
  const running = [...states.values()].filter((each) => each === 'running').length;
  const start = state.steps
    .filter((step) => states.get(step.name) === 'waiting' && step.needs.every((need) => isGood(states.get(need))))
    .slice(0, Math.max(0, state.jobs - running))
    .map((step) => step.name);
  const waiting = [...states.values()].includes('waiting');
  return { start, settle, done: running === 0 && !waiting };
}

function whyNot(
  step: ScheduledStep,
  states: ReadonlyMap<string, StepState>,
  settled: readonly NotRun[],
  { stopped, failFast }: ScheduleState,
  failed: boolean,
): NotRun | undefined {
  if (stopped === 'interrupted') return { step: step.name, outcome: 'cancelled', reason: 'interrupted' };
  if (stopped === 'environment-lost') return { step: step.name, outcome: 'skipped', reason: 'environment-lost' };
  const bad = step.needs.find((need) => ['failed', 'skipped', 'cancelled'].includes(states.get(need) ?? 'waiting'));
  if (bad !== undefined) {
    // Who waits for a skipped step wants to hear of the one that failed, not of the chain in between.
    const root = settled.find((each) => each.step === bad && each.reason === 'needs')?.because ?? bad;
    return { step: step.name, outcome: 'skipped', reason: 'needs', because: root };
  }
  if (failFast && failed) return { step: step.name, outcome: 'skipped', reason: 'fail-fast' };
  return undefined;
}

function isGood(state: StepState | undefined): boolean {
  return state === 'passed' || state === 'cached';
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
