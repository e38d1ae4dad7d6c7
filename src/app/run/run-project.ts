import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, StepConfig } from '../../config/config.ts';
import type { Failure } from '../../core/failure.ts';
import { ok } from '../../core/result.ts';
import type { Engine, EngineInfo } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { runPipeline, runThatFailed, type PipelineRun } from '../../pipeline/run-pipeline.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import type { Repetition } from '../../pipeline/repetition.ts';
import type { Shard } from '../../pipeline/shard.ts';
import type { Lock } from '../../lock/lock.ts';
import { readExpected } from '../../receipt/expected-steps.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import type { PageFacts } from '../../report/run/page/page-facts.ts';
import { recordRunHistory } from './run-history-writer.ts';
import type { CommandContext } from '../../cli/context.ts';
import { noStepToExplain } from './explain-step.ts';
import { findWarm, readyEnvironment, type ReadyOptions } from '../project/open-environment.ts';
import { connectLater, startConnecting } from '../project/open-project.ts';
import { prepareRun, type PreparedRun } from './prepare-run.ts';
import type { RunRequest } from './run-request.ts';
import { cachedEngineInfo, cacheEngineInfo } from '../project/engine-info-cache.ts';
import { lookUpPasses, mayUseCache, withdrawFailed } from './look-up-passes.ts';
import { unmarkWrittenVolumes, type StepCache } from './step-cache.ts';
import type { SeenFiles } from './step-keys.ts';
import { warnOfContradictions, explainSteps, explanationsForPage } from './explain-run.ts';
import { keepReplay } from '../replay/keep-replay.ts';

/** How to run a project's pipeline. */
export interface ProjectRun extends RunRequest {
  /** One machine's part of it; all of it by default. */
  readonly shard?: Shard;
  /** What the caller knows of a failing step. */
  readonly advise?: NonNullable<PipelineRun['advise']>;
  /** What the caller knows of a failure that keeps the pipeline from starting: the failure to tell instead. */
  readonly explain?: (failure: Failure) => Failure;
  /** The project (absolute, real) to which the receipt belongs when the run is in another checkout of it: a commit workspace. */
  readonly keepFor?: string;
  /** The run is one of `--repeat`; without `needs`, what the steps need was made ready by an earlier one. */
  readonly repetition?: Repetition & { readonly withoutNeeds: boolean };
  /** The command that runs it, for the audit; `up` by default. */
  readonly command?: 'preflight' | 'repro';
  /** The run is a round of `--watch`. */
  readonly round?: WatchRound;
}

/** What `--watch` gives to a round of it, and hears of it. */
export interface WatchRound {
  /** Believes no pass, and keeps new ones all the same. */
  readonly isFresh: boolean;
  /** Passes of this session by key: they stand for steps that have the network, too. */
  readonly passes: Map<string, Pass>;
  /** What the steps see, as soon as it is known; again when parity itself has changed it (an image's first build is written into the lock). */
  readonly onSnapshot: (seen: RoundSnapshot) => void;
}

/** What the steps of a round go by. */
export interface RoundSnapshot extends SeenFiles {
  readonly steps: readonly StepConfig[];
  readonly lock: Lock;
  /** The config's own recipe, relative to the project. */
  readonly dockerfile: string | undefined;
}

/** How a run ended, and its record. */
export interface ProjectRunEnd {
  readonly finished: RunFinished;
  /** Absent when the run ended before it had a plan, or when what the steps saw could not be told. */
  readonly receipt?: Receipt;
  /** What a page shows beside them; only where one is asked for. */
  readonly page?: PageFacts;
  /** What the steps saw, where there is no receipt to tell it. */
  readonly seen?: Pick<Receipt, 'commit' | 'dirty'>;
}

/**
 * Runs the pipeline of the project that the context's folder belongs to, in its pinned environment: what `up`, `preflight` and `repro` share.
 * Everything, failures included, is told in events; gives the last of them, and the receipt, which is kept for `parity compare`.
 */
export async function runProject(context: CommandContext, run: ProjectRun): Promise<ProjectRunEnd> {
  const writeAudit = recordRunHistory(context, run);
  const end = await runAll(context, run);
  await writeAudit(end);
  return end;
}

async function runAll(context: CommandContext, run: ProjectRun): Promise<ProjectRunEnd> {
  const begun = performance.now();
  // An engine that is not known yet is greeted while the config is read; with one that is, the run may do without. What is wrong with the question
  // is told before what is wrong with the engine.
  const known = run.cold ? undefined : cachedEngineInfo(context);
  const remembered = mayUseCache(run) ? known : undefined;
  const pending = known === undefined ? startConnecting(context) : connectLater(context);
  const failed = (reason: Failure): ProjectRunEnd => {
    const finished = runThatFailed(run.explain?.(reason) ?? reason, performance.now() - begun);
    context.emit(finished);
    return { finished };
  };
  const told: RunEvent[] = [];
  if (remembered !== undefined) context.listen((event) => told.push(event));
  try {
    const plan = await prepareRun(context, run, pending);
    if (!plan.ok) return failed(plan.error);
    const planned = plan.value;
    const { steps } = planned;
    if (run.explainStep !== undefined && !steps.some(({ name }) => name === run.explainStep))
      return failed(noStepToExplain(run.explainStep, steps));
    const cache = await lookUpPasses(context, run, planned, remembered);
    await reportSeenFiles(run, planned);
    await explainSteps(context, run, planned, { cache, remembered });
    const cached = await runFromCache(context, run, planned, { cache, remembered, told });
    if (cached !== undefined) return await endOfCachedRun(planned, cached);
    const warm =
      known === undefined ? undefined : await findWarm(context, { known, pending }, readyOptions(run, planned, cache));
    const engine = warm === undefined ? await pending.engine() : ok(warm.engine);
    if (!engine.ok) return failed(engine.error);
    const environment = warm?.environment;
    return await runOnEngine(context, run, planned, { engine: engine.value, environment, remembered, cache, failed });
  } finally {
    void pending.close();
  }
}

/** A cached run has no receipt. */
async function endOfCachedRun({ recording }: PreparedRun, finished: RunFinished): Promise<ProjectRunEnd> {
  const seen = await recording.commit();
  return { finished, ...(seen === undefined ? {} : { seen }) };
}

async function reportSeenFiles({ round }: ProjectRun, { opened, steps, lock, recording }: PreparedRun): Promise<void> {
  const seen = round === undefined ? undefined : await recording.seen();
  if (seen !== undefined) round?.onSnapshot({ ...seen, steps, lock, dockerfile: opened.config.image.dockerfile });
}

/** The run when there is nothing to run and nothing to report: then the engine is not even asked. Undefined when it is needed. */
async function runFromCache(
  context: CommandContext,
  run: ProjectRun,
  planned: PreparedRun,
  { cache, remembered, told }: Pick<EngineRun, 'cache' | 'remembered'> & { readonly told: readonly RunEvent[] },
): Promise<RunFinished | undefined> {
  const { steps, opened, recording } = planned;
  if (cache === undefined || remembered === undefined || context.reports.length > 0) return undefined;
  if (!steps.every(({ name }) => cache.passes.has(name))) return undefined;
  const environment = (): Promise<never> => Promise.reject(new Error('parity: a cached run wants an environment'));
  const jobs = run.jobs ?? Math.max(1, remembered.cpus);
  const finished = await runPipeline({ ...pipelineOf(context, run, planned), environment, cached: cache, jobs });
  const events = [...told];
  const workspace = await opened.workspace;
  // A secret's digest is kept nowhere, and who asked for audits gets them.
  const isPlain = steps.every(({ secrets }) => secrets.length === 0) && (opened.config.cache.audit ?? 0) === 0;
  if (finished.outcome === 'passed' && workspace.ok && isPlain)
    await keepReplay(context, run, {
      root: workspace.value.hostRoot,
      projectDir: opened.project.dir,
      dockerfile: opened.config.image.dockerfile,
      variables: [...new Set(steps.flatMap(({ passEnv }) => passEnv))],
      seen: (await recording.commit()) ?? { commit: null, dirty: true },
      events,
      stillHolds: () => cache.stillHolds(),
    });
  return finished;
}

function readyOptions(
  { cold, frozen, workspace = 'auto' }: ProjectRun,
  { opened, steps, lock, recording }: PreparedRun,
  cache: StepCache | undefined,
): Omit<ReadyOptions, 'engine'> {
  // Of what passed before, nothing has to be made ready.
  const toRun = steps.filter(({ name }) => cache?.passes.has(name) !== true);
  const accesses = [...new Set(toRun.map((step) => step.network))];
  return { opened, lock, accesses, cold, frozen, workspace, contents: recording.contents };
}

interface EngineRun {
  readonly engine: Engine;
  /** When it is open already. */
  readonly environment: Environment | undefined;
  readonly remembered: EngineInfo | undefined;
  readonly cache: StepCache | undefined;
  readonly failed: (reason: Failure) => ProjectRunEnd;
}

async function runOnEngine(
  context: CommandContext,
  run: ProjectRun,
  planned: PreparedRun,
  { engine, environment: warm, remembered, cache: found, failed }: EngineRun,
): Promise<ProjectRunEnd> {
  const { opened, steps, divided, recording } = planned;
  const { cold, advise, shard = null, keepFor } = run;
  const info = await engine.describe();
  if (!info.ok) return failed(info.error);
  const workspace = await opened.workspace;
  if (!workspace.ok) return failed(workspace.error);
  const { hostRoot, hostProject } = workspace.value;
  const jobs = run.jobs ?? Math.max(1, info.value.cpus);
  // Another engine than the one that was remembered may have another platform, or name images otherwise.
  const isOther = remembered?.platform !== info.value.platform || remembered?.imageStore !== info.value.imageStore;
  let cache = isOther ? await lookUpPasses(context, run, planned, info.value) : found;
  const failedSteps: string[] = [];
  context.listen((event) => {
    // A step that ran out of time or memory says nothing of its inputs.
    if (event.type === 'step-finished' && event.outcome === 'failed' && event.exitCode !== null)
      failedSteps.push(event.step);
  });
  const finished = await runPipeline({
    ...pipelineOf(context, run, planned),
    environment: async () => {
      const environment =
        warm === undefined
          ? await readyEnvironment(context, { ...readyOptions(run, planned, cache), engine })
          : ok(warm);
      await recording.settle();
      await reportSeenFiles(run, planned);
      if (!environment.ok) return environment;
      unmarkWrittenVolumes(context, steps, environment.value);
      // The first build of an image has written into the lock what passes are kept under.
      cache ??= await lookUpPasses(context, run, planned, info.value);
      // A cold run's volumes are nobody else's.
      if (!cold) await cache?.checkVolumes(environment.value, engine);
      return environment;
    },
    jobs,
    expectations: { expected: readExpected(keepFor ?? hostProject), memoryBytes: info.value.memoryBytes },
    ...(shard === null ? {} : { shard: { ...shard, divided } }),
    // On a machine's first run it is known only when the environment is open.
    get cached() {
      return cache;
    },
    isFile: (path) => existsSync(join(hostRoot, path)),
    ...(advise === undefined ? {} : { advise }),
  });
  if (run.noCache === true) await withdrawFailed(context, run, planned, { known: info.value, failed: failedSteps });
  // Git looks at the files once more while the receipt is written.
  const keeping = Promise.all([cache?.keep(), cacheEngineInfo(context, info.value)]);
  const options = { steps: run.steps, cold, jobs, shard };
  const why = await explanationsForPage(context, run, planned, cache, info.value);
  const receipt = await recording.finish({ finished, engine: info.value, options, keepFor });
  await keeping;
  if (cache !== undefined) await warnOfContradictions(context, run, planned, cache, info.value);
  const { platform } = info.value;
  const page =
    why === undefined
      ? undefined
      : await (
          await import('./page/collect-page.ts')
        ).collectPage(context, { planned, why, engine, platform, finished, receipt });
  return { finished, ...(receipt === undefined ? {} : { receipt }), ...(page === undefined ? {} : { page }) };
}

/** What a run's pipeline is, wherever it runs. */
function pipelineOf(
  { emit, signal, env }: CommandContext,
  { failFast, repetition }: ProjectRun,
  { begun, steps, opened }: PreparedRun,
): Pick<
  PipelineRun,
  | 'begun'
  | 'steps'
  | 'failFast'
  | 'repetition'
  | 'emit'
  | 'signal'
  | 'hostEnv'
  | 'project'
  | 'configSource'
  | 'remedies'
> {
  const { project, config } = opened;
  const { remedies } = config;
  const repeated = repetition === undefined ? {} : { repetition };
  const own = remedies === undefined ? {} : { remedies };
  const told = { emit, signal, hostEnv: env, project: project.dir, configSource: sourceOf(config) };
  return { begun, steps, failFast, ...told, ...repeated, ...own };
}

function sourceOf({ source }: Config): string {
  return source.kind === 'file' ? source.path : 'the layout';
}
