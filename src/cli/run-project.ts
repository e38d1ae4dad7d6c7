import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, StepConfig } from '../config/config.ts';
import { planSteps } from '../config/plan.ts';
import { failure, type Failure } from '../core/failure.ts';
import { runPipeline, runThatFailed, type PipelineRun } from '../pipeline/run.ts';
import type { RunFinished } from '../pipeline/events.ts';
import type { Shard, ShardPlan } from '../pipeline/shard.ts';
import { resolveSurroundings } from '../pipeline/surroundings.ts';
import { readExpected } from '../receipt/expected.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { lockForUp } from './commands/lock.ts';
import type { CommandContext } from './context.ts';
import { readyEnvironment } from './open-environment.ts';
import { connectLater, openProject, startConnecting, type PendingEngine } from './open-project.ts';
import { recordRun } from './record-run.ts';
import { rememberedEngine, rememberEngine, type RememberedEngine } from './remembered-engine.ts';
import { openStepCache, type StepCache } from './step-cache.ts';

/** How to run a project's pipeline. */
export interface ProjectRun {
  /** Names of the steps to run with what they need; none = all. */
  readonly steps: readonly string[];
  readonly cold: boolean;
  readonly frozen: boolean;
  /** Runs every step, whatever passed before. */
  readonly noCache?: boolean;
  readonly failFast: boolean;
  /** How many steps at once; the engine's CPUs by default. */
  readonly jobs?: number;
  /** One machine's part of it; all of it by default. */
  readonly shard?: Shard;
  /** What the caller knows of a failing step. */
  readonly advise?: NonNullable<PipelineRun['advise']>;
  /** What the caller knows of a failure that keeps the pipeline from starting: the failure to tell instead. */
  readonly explain?: (failure: Failure) => Failure;
  /** The project (absolute, real) to which the receipt belongs when the run is in another checkout of it: a commit workspace. */
  readonly keepFor?: string;
}

/** How a run ended, and its record. */
export interface ProjectRunEnd {
  readonly finished: RunFinished;
  /** Absent when the run ended before it had a plan, or when what the steps saw could not be told. */
  readonly receipt?: Receipt;
}

/**
 * Runs the pipeline of the project that the context's folder belongs to, in its pinned environment: what `up`, `preflight` and `repro` share.
 * Everything, failures included, is told in events; gives the last of them, and the receipt, which is kept for `parity compare`.
 */
export async function runProject(context: CommandContext, run: ProjectRun): Promise<ProjectRunEnd> {
  const begun = performance.now();
  // The engine is greeted while the config is read, unless what passed before may do without it. What is wrong with the question is told
  // before what is wrong with the engine.
  const remembered = mayUseCache(run) ? await rememberedEngine(context) : undefined;
  const pending = remembered === undefined ? startConnecting(context) : connectLater(context);
  const failed = (reason: Failure): ProjectRunEnd => {
    const finished = runThatFailed(run.explain?.(reason) ?? reason, performance.now() - begun);
    context.emit(finished);
    return { finished };
  };
  try {
    return await runWithEngine(context, run, { pending, remembered, failed });
  } finally {
    void pending.close();
  }
}

/** The cache is for whole runs of one machine: a cold run proves what passes with nothing there. */
function mayUseCache({ cold, noCache, shard }: ProjectRun): boolean {
  return !cold && noCache !== true && shard === undefined;
}

interface Prepared {
  readonly pending: PendingEngine;
  readonly remembered: RememberedEngine | undefined;
  readonly failed: (reason: Failure) => ProjectRunEnd;
}

async function runWithEngine(
  context: CommandContext,
  run: ProjectRun,
  { pending, remembered, failed }: Prepared,
): Promise<ProjectRunEnd> {
  const { emit, signal, env } = context;
  const opened = await openProject(context);
  if (!opened.ok) return failed(opened.error);
  const { project, config } = opened.value;
  const plan = planSteps(config.pipeline, run.steps);
  if (!plan.ok) return failed(plan.error);
  if (plan.value.steps.length === 0) return failed(nothingToRun(project.dir));
  const { steps, divided } = await dividedPlan(context, plan.value.steps, run.shard);
  const surroundings = resolveSurroundings(steps, env);
  if (!surroundings.ok) return failed(surroundings.error);
  context.addSecrets(surroundings.value.secrets);
  const { frozen, cold, advise, shard = null, keepFor } = run;
  const recording = recordRun(context, opened.value);
  const lock = await lockForUp({ projectDir: project.dir, config, engine: pending.engine, emit, signal, frozen });
  if (!lock.ok) return failed(lock.error);
  recording.plan({ steps, surroundings: surroundings.value, lock: lock.value.lock });
  const seen = mayUseCache(run) ? await recording.seen() : undefined;
  const lookUp = async (known: RememberedEngine, files = seen): Promise<StepCache | undefined> =>
    !mayUseCache(run) || files === undefined
      ? undefined
      : await openStepCache(context, known, {
          projectDir: project.dir,
          config,
          steps,
          surroundings: surroundings.value,
          seen: files,
          workspace: keepFor === undefined ? 'mount' : 'commit',
          seeAgain: () => recording.seen('again'),
        });
  let cache = remembered === undefined ? undefined : await lookUp(remembered);
  const common = {
    steps,
    failFast: run.failFast,
    emit,
    signal,
    hostEnv: env,
    project: project.dir,
    configSource: sourceOf(config),
  };
  // Nothing to run, nothing to report: the engine is not even asked.
  if (cache !== undefined && remembered !== undefined && context.reports.length === 0) {
    const { passes } = cache;
    const isComplete = steps.every(({ name }) => passes.has(name));
    const noEnvironment = (): Promise<never> => Promise.reject(new Error('parity: a cached run wants an environment'));
    const jobs = run.jobs ?? Math.max(1, remembered.cpus);
    if (isComplete)
      return { finished: await runPipeline({ ...common, environment: noEnvironment, cached: cache, jobs }) };
  }
  const engine = await pending.engine();
  if (!engine.ok) return failed(engine.error);
  const info = await engine.value.describe();
  if (!info.ok) return failed(info.error);
  const workspace = await opened.value.workspace;
  if (!workspace.ok) return failed(workspace.error);
  const { hostRoot, hostProject } = workspace.value;
  const jobs = run.jobs ?? Math.max(1, info.value.cpus);
  // Another engine than the one that was remembered.
  const { platform } = info.value;
  if (remembered?.platform !== platform || cache?.imageId === undefined) cache = await lookUp(info.value);
  const finished = await runPipeline({
    ...common,
    environment: async () => {
      const environment = await readyEnvironment(context, {
        opened: opened.value,
        engine: engine.value,
        lock: lock.value.lock,
        accesses: [...new Set(steps.map((step) => step.network))],
        cold,
        frozen,
      });
      await recording.settle();
      // The first build of an image has written into the lock what passes are kept under.
      if (environment.ok) cache ??= await lookUp(info.value, await recording.seen());
      if (environment.ok) await cache?.checkVolumes(environment.value, engine.value);
      return environment;
    },
    jobs,
    known: { expected: readExpected(keepFor ?? hostProject), memoryBytes: info.value.memoryBytes },
    ...(run.shard === undefined ? {} : { shard: { ...run.shard, divided } }),
    ...(cache === undefined ? {} : { cached: cache }),
    isFile: (path) => existsSync(join(hostRoot, path)),
    ...(advise === undefined ? {} : { advise }),
  });
  await Promise.all([cache?.keep(), rememberEngine(context, info.value)]);
  const receipt = await recording.finish({
    finished,
    engine: info.value,
    options: { steps: run.steps, cold, jobs, shard },
    keepFor,
  });
  return { finished, ...(receipt === undefined ? {} : { receipt }) };
}

/** A shard's part of the plan. None of it is no mistake: there may be more machines than parts. */
async function dividedPlan(
  { emit }: CommandContext,
  plan: readonly StepConfig[],
  shard: Shard | undefined,
): Promise<ShardPlan> {
  if (shard === undefined) return { steps: plan, divided: new Set() };
  const { shardSteps } = await import('../pipeline/shard.ts');
  const division = shardSteps(plan, shard);
  if (division.steps.length === 0) {
    const message = `shard ${shard.index}/${shard.of} has nothing to run: the pipeline has fewer parts than shards`;
    emit({ type: 'note', severity: 'note', message, hint: 'fewer shards do the same (ci.shards in parity.yaml)' });
  }
  return division;
}

function sourceOf({ source }: Config): string {
  return source.kind === 'file' ? source.path : 'the layout';
}

function nothingToRun(dir: string): Failure {
  return failure(
    'config-invalid',
    `there is nothing to run in ${dir}: no parity.yaml, and its layout shows no pipeline`,
    {
      next: 'parity init, then name the steps in parity.yaml',
    },
  );
}
