import { posix } from 'node:path';
import type { RemedyConfig, StepConfig } from '../config/config.ts';
import { isOfService, type Failure } from '../core/failure.ts';
import { beforeAbort, interruption } from '../core/interruption.ts';
import { ok, type Result } from '../core/result.ts';
import type { Environment } from '../environment/environment.ts';
import type { Pass } from './cache/pass.ts';
import type { JobState } from './job-state.ts';
import type { EmitEvent, RunFinished, RunOutcome, StepCounts, StepFinished } from './events.ts';
import { nextMoves, type NotRun, type ScheduleState, type StepState } from './schedule.ts';
import { repeatVariables, type Repetition } from './repeat-variables.ts';
import { shardAdvice, shardVariables, type Shard } from './shard.ts';
import { splitVariables } from './split-variables.ts';
import { runStep, type FindAdvice, type EndingLimits, type StepEnd } from './run-step.ts';
import type { StepVariables } from './step-variables.ts';
import { testResultsFor } from './test-results.ts';

/** A pipeline to run. */
export interface PipelineRun {
  /** The plan: the steps to run with all that they need. */
  readonly steps: readonly StepConfig[];
  /** Opens the environment, which is released at the end; not called when every step is cached. */
  readonly open: () => Promise<Result<OpenedRun>>;
  /** Each step's variables, by its name. */
  readonly variables: StepVariables['byStep'];
  /** One machine's part of the pipeline, and the names of the steps of which it runs only its part of the tests. */
  readonly shard?: Shard & { readonly divided: ReadonlySet<string> };
  /** One of several runs of the same steps. */
  readonly repetition?: Repetition;
  /** Passes of earlier runs that stand for their steps when no environment is opened; `open` gives those that stand in it. */
  readonly cached?: CachedPasses | undefined;
  /** When the run began for whoever waits for it, as performance.now() gives it; now by default. */
  readonly begun?: number;
  /** How many steps may run at once. */
  readonly jobs: number;
  readonly failFast: boolean;
  /** What earlier runs say of the steps, and the memory that they share. */
  readonly expectations?: Pick<ScheduleState, 'expected' | 'memoryBytes'>;
  readonly emit: EmitEvent;
  /** Aborted with an `interrupted` failure as its reason. */
  readonly signal: AbortSignal;
  /** What else to type after a step failed; said before the step's own advice. */
  readonly advise?: FindAdvice;
  /** Whether the repository has a file, by its path from the top; places what tools say. */
  readonly isFile?: (path: string) => boolean;
  /** The text of a file of the repository, by its path from the top; undefined when it can't be read. */
  readonly readText?: (path: string) => string | undefined;
  /** The team's own remedies. */
  readonly remedies?: readonly RemedyConfig[];
  /** The project's folder on the host, for people. */
  readonly project: string;
  /** `parity.yaml`, or what it was detected from, for people. */
  readonly configSource: string;
  readonly limits?: Partial<RunLimits>;
}

/** What a pipeline runs in. */
export interface OpenedRun {
  readonly environment: Environment;
  /** The passes that stand in this environment. */
  readonly cached?: CachedPasses | undefined;
}

/** Steps that need not run, and the image that they passed in. */
export interface CachedPasses {
  readonly imageId: string;
  /** Also reports what they printed. */
  readonly logs: boolean;
  /** The pass that stands for a step, by its name; undefined when the step has to run. */
  passOf(step: string): Pass | undefined;
}

/** How long ends may take. */
export interface RunLimits {
  readonly interrupted: EndingLimits;
  readonly timedOut: EndingLimits;
  /** How long an interrupted run waits for the environment's release, in milliseconds. */
  readonly releaseMs: number;
  /** The same of a run that was not interrupted: it removes all that it made, unless the engine hangs. */
  readonly wholeReleaseMs: number;
}

// An interrupted run must be over within 2 s, releases included.
const defaultLimits: RunLimits = {
  interrupted: { killAfterMs: 900, giveUpAfterMs: 1400 },
  timedOut: { killAfterMs: 5000, giveUpAfterMs: 10_000 },
  releaseMs: 400,
  wholeReleaseMs: 30_000,
};

const noSteps: StepCounts = { passed: 0, failed: 0, cached: 0, skipped: 0, cancelled: 0 };

/** The end of a run that failed before any step could start. */
export function failedRun(reason: Failure, durationMs: number): RunFinished {
  return {
    type: 'run-finished',
    outcome: reason.reason === 'interrupted' ? 'cancelled' : 'failed',
    imageId: null,
    durationMs: Math.round(durationMs),
    counts: noSteps,
    failure: reason,
  };
}

/**
 * Runs a pipeline: emits `run-started`, every step's events and `run-finished`, which it also returns. Whatever happens
 * to a step or to the environment is in those events; it rejects only for a bug.
 */
export async function runPipeline(run: PipelineRun): Promise<RunFinished> {
  const begun = run.begun ?? performance.now();
  const limits = { ...defaultLimits, ...run.limits };
  const finish = (finished: RunFinished): RunFinished => {
    run.emit(finished);
    return finished;
  };
  run.emit({
    type: 'run-started',
    steps: run.steps.map(({ name, run, needs, cwd, toolchain }) => {
      return { name, run, needs, cwd, ...(toolchain === undefined ? {} : { toolchain }) };
    }),
    project: run.project,
    configSource: run.configSource,
    jobs: run.jobs,
  });
  const opened = isAllCached(run)
    ? ok({ environment: undefined, cached: run.cached })
    : await openUnlessInterrupted(run);
  if (!opened.ok) return finish(failedRun(opened.error, performance.now() - begun));
  const { environment, cached } = opened.value;
  const { counts, lost } = await runSteps(run, opened.value, limits);
  const reason = run.signal.aborted ? interruption(run.signal) : lost;
  const back = environment?.bringBack() ?? Promise.resolve();
  await (run.signal.aborted ? withTimeLimit(back, limits.releaseMs) : back);
  const finished = finish({
    type: 'run-finished',
    outcome: outcomeOf(counts, reason),
    imageId: environment?.imageId ?? cached?.imageId ?? null,
    durationMs: Math.round(performance.now() - begun),
    counts,
    ...(reason === undefined ? {} : { failure: reason }),
  });
  await release(environment, run.signal, limits);
  return finished;
}

/** Gives an environment back. An interruption, also one that comes meanwhile, ends the waiting soon. */
async function release(
  environment: Environment | undefined,
  signal: AbortSignal,
  { releaseMs, wholeReleaseMs }: RunLimits,
): Promise<void> {
  if (environment === undefined) return;
  const released = environment.release();
  if (!signal.aborted) await withTimeLimit(beforeAbort(released, signal), wholeReleaseMs);
  if (signal.aborted) await withTimeLimit(released, releaseMs);
}

/** Whether no step has to run, so that the run needs no environment. */
function isAllCached({ cached, steps }: PipelineRun): boolean {
  return cached !== undefined && steps.every(({ name }) => cached.passOf(name) !== undefined);
}

async function openUnlessInterrupted(run: PipelineRun): Promise<Result<OpenedRun>> {
  const opening = run.open();
  const opened = await beforeAbort(opening, run.signal);
  if (opened !== undefined) return opened;
  // The environment may open after the interruption: no step uses it then.
  void releaseWhenOpen(opening);
  return { ok: false, error: interruption(run.signal) };
}

async function releaseWhenOpen(opening: Promise<Result<OpenedRun>>): Promise<void> {
  const opened = await opening;
  if (opened.ok) await opened.value.environment.release();
}

async function runSteps(
  run: PipelineRun,
  { environment, cached }: { readonly [Part in keyof OpenedRun]: OpenedRun[Part] | undefined },
  limits: RunLimits,
): Promise<{ counts: StepCounts; lost: Failure | undefined }> {
  const states = new Map<string, StepState>(run.steps.map((step) => [step.name, 'waiting']));
  const byName = new Map(run.steps.map((step) => [step.name, step]));
  const running = new Map<string, Promise<StepEnd>>();
  const counts: { -readonly [Outcome in keyof StepCounts]: StepCounts[Outcome] } = { ...noSteps };
  let lost: Failure | undefined;
  let absent: Failure | undefined;
  const jobState = run.steps.some(({ job }) => job !== undefined)
    ? new (await import('./job-state.ts')).JobState(run.steps)
    : undefined;
  const settle = (finished: StepFinished): void => {
    states.set(finished.step, finished.outcome);
    counts[finished.outcome] = (counts[finished.outcome] ?? 0) + 1;
    run.emit(finished);
    const job = byName.get(finished.step)?.job;
    const isOver = job !== undefined && run.steps.every((step) => step.job !== job || isSettled(states.get(step.name)));
    if (isOver && !run.signal.aborted) void environment?.endJob(job);
  };
  for (;;) {
    const stopped = run.signal.aborted ? 'interrupted' : lost === undefined ? undefined : 'environment-lost';
    const moves = nextMoves({
      ...run.expectations,
      steps: run.steps,
      states,
      jobs: run.jobs,
      failFast: run.failFast,
      stopped,
    });
    for (const each of moves.notRun) settle(notRunStep(each));
    for (const name of moves.start) {
      const step = byName.get(name);
      if (step === undefined) throw new Error(`parity: no step ${name} in the plan`);
      const pass = cached?.passOf(name);
      if (pass !== undefined) {
        if (cached?.logs === true && pass.log !== '')
          run.emit({ type: 'step-output', step: name, stream: 'stdout', data: Buffer.from(pass.log) });
        settle(cachedStep(pass));
        continue;
      }
      if (environment === undefined) throw new Error(`parity: no environment for ${name}`);
      states.set(name, 'running');
      running.set(name, startStep(run, step, { environment, jobState, limits }));
    }
    if (moves.done) return { counts, lost: lost ?? absent };
    // What was cached may have been waited for.
    if (moves.start.some((name) => states.get(name) === 'cached')) continue;
    if (running.size === 0) throw new Error('parity: the schedule neither runs nor ends');
    const end = await Promise.race(running.values());
    running.delete(end.finished.step);
    // What has no part in a service goes on without it.
    if (end.failure !== undefined && isOfService(end.failure)) absent ??= end.failure;
    else lost ??= end.failure;
    settle(end.finished);
  }
}

/** Starts a step with what its run, its shard or repetition, and its job give it. */
function startStep(
  run: PipelineRun,
  step: StepConfig,
  has: { readonly environment: Environment; readonly jobState: JobState | undefined; readonly limits: RunLimits },
): Promise<StepEnd> {
  const { environment, jobState, limits } = has;
  const shard = run.shard?.divided.has(step.name) ? run.shard : undefined;
  const own = run.variables.get(step.name) ?? {};
  const start = jobState?.startOf(step, own) ?? { variables: own, path: [], run: step.run };
  const results = testResultsFor(start, start.variables);
  const variables = results?.variables ?? start.variables;
  return runStep({
    step: start.run === step.run ? step : { ...step, run: start.run },
    environment,
    ...(jobState === undefined || step.job === undefined
      ? {}
      : { inJob: { path: start.path, take: (passedOn) => jobState.take(step, passedOn) } }),
    cwd: posix.join(environment.workspaceDir, step.cwd),
    variables:
      run.repetition === undefined
        ? splitVariables(step, shard === undefined ? variables : shardVariables(variables, shard), run.jobs)
        : repeatVariables(variables, run.repetition, run.steps.indexOf(step)),
    ...(run.repetition === undefined ? {} : { freshTmp: true }),
    emit: run.emit,
    signal: run.signal,
    interrupt: () => interruption(run.signal).signal ?? 'SIGINT',
    interrupted: limits.interrupted,
    timedOut: limits.timedOut,
    ...adviseOf(run.advise, shard),
    ...(run.isFile === undefined ? {} : { isFile: run.isFile }),
    ...(run.readText === undefined ? {} : { readText: run.readText }),
    ...(run.remedies === undefined ? {} : { remedies: run.remedies }),
    ...(results === undefined ? {} : { results: results.file }),
  });
}

function isSettled(state: StepState | undefined): boolean {
  return state !== 'waiting' && state !== 'running';
}

function adviseOf(advise: FindAdvice | undefined, shard: Shard | undefined): { readonly advise?: FindAdvice } {
  if (shard === undefined) return advise === undefined ? {} : { advise };
  return { advise: async (failing) => [...((await advise?.(failing)) ?? []), ...shardAdvice(failing.tail)] };
}

function notRunStep({ step, outcome, reason, because }: NotRun): StepFinished {
  return {
    type: 'step-finished',
    step,
    outcome,
    exitCode: null,
    signal: null,
    durationMs: 0,
    reason,
    ...(because === undefined ? {} : { because }),
    next: [],
    diagnostics: [],
    peakMemoryBytes: null,
    cpuMs: null,
  };
}

function cachedStep({ step, diagnostics, passedAt, origin }: Pass): StepFinished {
  const cachedFrom = origin === undefined ? undefined : { by: origin.by, at: new Date(passedAt).toISOString() };
  return {
    ...notRunStep({ step, outcome: 'skipped', reason: 'needs' }),
    outcome: 'cached',
    reason: null,
    diagnostics,
    ...(cachedFrom === undefined ? {} : { cachedFrom }),
  };
}

function outcomeOf(counts: StepCounts, reason: Failure | undefined): RunOutcome {
  if (reason?.reason === 'interrupted') return 'cancelled';
  return reason !== undefined || counts.failed > 0 ? 'failed' : 'passed';
}

async function withTimeLimit(promise: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
