import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { toolchainsOf } from '../../config/toolchains.ts';
import type { Failure } from '../../core/failure.ts';
import { readTextUpTo } from '../../core/read-text-if-exists.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine, EngineInfo } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Lock } from '../../lock/lock.ts';
import { toolchainLock } from '../../lock/toolchain-lock.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import { runPipeline, failedRun, type OpenedRun, type PipelineRun } from '../../pipeline/run-pipeline.ts';
import { readExpected } from '../../receipt/expected-steps.ts';
import type { AppContext } from '../context.ts';
import { cachedEngineInfo, cacheEngineInfo } from '../project/engine-info-cache.ts';
import { findWarm, readyEnvironment, type ReadyOptions } from '../project/open-environment.ts';
import { connectLater, startConnecting, type PendingEngine } from '../project/pending-engine.ts';
import { keepReplay } from '../replay/keep-replay.ts';
import { cleanCopyAdvice } from './clean-copy-advice.ts';
import { neededByRunning } from './find-passes.ts';
import { explainSteps, explanationsForPage, warnOfContradictions } from './explain-run.ts';
import { noStepToExplain } from './explain-step.ts';
import { lookUpPasses, mayUseCache, withdrawFailed } from './look-up-passes.ts';
import { prepareRun, type PreparedRun } from './prepare-run.ts';
import type { ProjectRun, ProjectRunEnd } from './project-run.ts';
import { RunHistoryWriter } from './run-history-writer.ts';
import { RunObservers, type RunObserver } from './run-observer.ts';
import { VolumeUnmarker, type StepCache } from './step-cache.ts';

// A lock file of npm may have some megabytes; what is larger is nobody's script and nobody's lock file.
const largestReadText = 32 << 20;

/**
 * Runs the pipeline of the project that the context's folder belongs to, in its pinned environment: what `up`, `preflight` and `repro` share.
 * Reports everything, failures included, in events; gives the last of them, and the receipt, which is kept for `parity compare`. The observers
 * take the run's events; none takes another one once the run is over.
 */
export async function runProject(
  context: AppContext,
  run: ProjectRun,
  given: readonly RunObserver[] = [],
): Promise<ProjectRunEnd> {
  const observers = new RunObservers(context.events, [new RunHistoryWriter(context, run), ...given]);
  try {
    const end = await new ProjectRunner(context, run, observers).run();
    await observers.end(end);
    return end;
  } finally {
    observers.close();
  }
}

/** One run of a project's pipeline: from the cached passes alone where they say everything, else on the engine. */
class ProjectRunner {
  readonly #context: AppContext;
  readonly #run: ProjectRun;
  readonly #observers: RunObservers;
  readonly #begun = performance.now();
  /** What an earlier run learnt of the engine; undefined before its first use, and for a cold run. */
  readonly #cachedInfo: EngineInfo | undefined;
  /**
   * An engine that is not known yet is connected to while the config is read; with one that is, the run may do without. What is wrong with the
   * question is reported before what is wrong with the engine.
   */
  readonly #pending: PendingEngine;

  constructor(context: AppContext, run: ProjectRun, observers: RunObservers) {
    this.#context = context;
    this.#run = run;
    this.#observers = observers;
    this.#cachedInfo = run.cold ? undefined : cachedEngineInfo(context);
    this.#pending = this.#cachedInfo === undefined ? startConnecting(context) : connectLater(context);
  }

  async run(): Promise<ProjectRunEnd> {
    const info = mayUseCache(this.#run) ? this.#cachedInfo : undefined;
    const events = new EventList();
    if (info !== undefined) this.#observers.add(events);
    try {
      const prepared = await prepareRun(this.#context, this.#run, {
        observers: this.#observers,
        engine: this.#pending,
      });
      if (!prepared.ok) return this.#failed(prepared.error);
      const { explainStep } = this.#run;
      const { steps } = prepared.value;
      if (explainStep !== undefined && !steps.some(({ name }) => name === explainStep))
        return this.#failed(noStepToExplain(explainStep, steps));
      const cache = await this.#lookUpPasses(prepared.value, info);
      await this.#reportSnapshot(prepared.value);
      await explainSteps(this.#context, this.#run, prepared.value, { cache, info });
      if (cache !== undefined && info !== undefined && this.#needsNoEngine(prepared.value, cache))
        return await this.#runFromCache(prepared.value, cache, { info, events: events.list });
      return await this.#runOnEngine(prepared.value, cache, info);
    } finally {
      void this.#pending.close();
    }
  }

  #failed(reason: Failure): ProjectRunEnd {
    const finished = failedRun(this.#run.explain?.(reason) ?? reason, performance.now() - this.#begun);
    this.#context.events.emit(finished);
    return { finished };
  }

  async #lookUpPasses(prepared: PreparedRun, info: EngineInfo | undefined): Promise<StepCache | undefined> {
    const cache = await lookUpPasses(this.#context, this.#run, prepared, info);
    return cache === undefined ? undefined : this.#observers.add(cache);
  }

  /** Whether nothing has to run and nothing to be written of it: then the engine is not even asked. */
  #needsNoEngine({ steps }: PreparedRun, cache: StepCache): boolean {
    return !this.#observers.needReceipt && steps.every(({ name }) => cache.passOf(name) !== undefined);
  }

  /** The run when every step is cached. It has no receipt. */
  async #runFromCache(
    prepared: PreparedRun,
    cache: StepCache,
    { info, events }: { readonly info: EngineInfo; readonly events: readonly RunEvent[] },
  ): Promise<ProjectRunEnd> {
    const { steps, opened, recorder } = prepared;
    const open = (): Promise<never> => Promise.reject(new Error('parity: a cached run opens no environment'));
    const jobs = this.#run.jobs ?? Math.max(1, info.cpus);
    const finished = await runPipeline({ ...this.#pipeline(prepared), open, cached: cache, jobs });
    const kept = [...events];
    const workspace = await opened.workspace;
    // A secret's digest is kept nowhere, and a user who asked for spot checks gets them.
    const isPlain = steps.every(({ secrets }) => secrets.length === 0) && (opened.config.cache.audit ?? 0) === 0;
    if (finished.outcome === 'passed' && workspace.ok && isPlain)
      await keepReplay(this.#context, this.#run, {
        root: workspace.value.hostRoot,
        projectDir: opened.project.dir,
        dockerfile: opened.config.image.dockerfile,
        isFromGit: toolchainsOf(steps).some((name) => isFromGit(toolchainLock(prepared.lock, name))),
        variables: [...new Set(steps.flatMap(({ passEnv }) => passEnv))],
        seen: (await recorder.commit()) ?? { commit: null, dirty: true },
        events: kept,
        until: cache.standsUntil(),
        stillHolds: () => cache.stillHolds(),
      });
    const seen = await recorder.commit();
    return { finished, ...(seen === undefined ? {} : { seen }) };
  }

  async #runOnEngine(
    prepared: PreparedRun,
    found: StepCache | undefined,
    cachedInfo: EngineInfo | undefined,
  ): Promise<ProjectRunEnd> {
    const [context, run] = [this.#context, this.#run];
    const { opened, divided, recorder } = prepared;
    const warm = await this.#findWarm(prepared, found);
    const connected = warm === undefined ? await this.#pending.engine() : ok(warm.engine);
    if (!connected.ok) return this.#failed(connected.error);
    const engine = connected.value;
    const info = await engine.describe();
    if (!info.ok) return this.#failed(info.error);
    const workspace = await opened.workspace;
    if (!workspace.ok) return this.#failed(workspace.error);
    const { hostRoot, hostProject } = workspace.value;
    const { cold, shard = null, keepFor } = run;
    const advise = run.advise ?? cleanCopyAdvice(opened.config, workspace.value, context.cwd);
    const jobs = run.jobs ?? Math.max(1, info.value.cpus);
    // Another engine than the cached one may have another platform, or name images otherwise.
    const isOther = cachedInfo?.platform !== info.value.platform || cachedInfo?.imageStore !== info.value.imageStore;
    const cached = isOther ? await this.#lookUpPasses(prepared, info.value) : found;
    const failures = this.#observers.add(new FailedSteps());
    const session = new EngineSession({ engine, info: info.value, warm: warm?.environment, cached });
    const finished = await runPipeline({
      ...this.#pipeline(prepared),
      variables: await startVariables(prepared),
      open: () => this.#open(prepared, session),
      cached,
      jobs,
      expectations: { expected: readExpected(keepFor ?? hostProject), memoryBytes: info.value.memoryBytes },
      ...(shard === null ? {} : { shard: { ...shard, divided } }),
      isFile: (path) => existsSync(join(hostRoot, path)),
      readText: (path) => readTextUpTo(join(hostRoot, path), largestReadText),
      advise,
    });
    const cache = session.cache;
    if (run.noCache === true)
      await withdrawFailed(context, run, prepared, { known: info.value, failed: failures.names });
    // Git looks at the files once more while the receipt is written.
    const keeping = Promise.all([cache?.keep() ?? [], cacheEngineInfo(context, info.value)]);
    const why = this.#observers.needPage ? await explanationsForPage(run, prepared, cache, info.value) : undefined;
    const options = { steps: run.steps, cold, jobs, shard };
    const receipt = await recorder.finish({ finished, engine: info.value, options, keepFor });
    const [contradicted] = await keeping;
    await warnOfContradictions(context, run, prepared, contradicted, info.value);
    const page = why === undefined ? undefined : await this.#page(prepared, session, { why, finished, receipt });
    return { finished, ...(receipt === undefined ? {} : { receipt }), ...(page === undefined ? {} : { page }) };
  }

  async #findWarm(
    prepared: PreparedRun,
    cache: StepCache | undefined,
  ): Promise<{ readonly engine: Engine; readonly environment: Environment } | undefined> {
    if (this.#cachedInfo === undefined) return undefined;
    const engine = { known: this.#cachedInfo, pending: this.#pending };
    return await findWarm(this.#context, engine, this.#readyOptions(prepared, cache));
  }

  /** Opens the environment, and settles which passes stand in it. */
  async #open(prepared: PreparedRun, session: EngineSession): Promise<Result<OpenedRun>> {
    const { engine, info, warm } = session;
    const options = this.#readyOptions(prepared, session.cache);
    const environment = warm === undefined ? await readyEnvironment(this.#context, { ...options, engine }) : ok(warm);
    await prepared.recorder.freezeInputs();
    await this.#reportSnapshot(prepared);
    if (!environment.ok) return err(environment.error);
    this.#observers.add(new VolumeUnmarker(prepared.steps, environment.value));
    // The first build of an image has written into the lock what passes are kept under.
    session.cache ??= await this.#lookUpPasses(prepared, info);
    // A cold run's volumes are no other run's.
    if (!this.#run.cold) await session.cache?.checkVolumes(environment.value, engine);
    return ok({ environment: environment.value, cached: session.cache });
  }

  #readyOptions(
    { opened, steps, lock, recorder }: PreparedRun,
    cache: StepCache | undefined,
  ): Omit<ReadyOptions, 'engine'> {
    const { cold, frozen, workspace = 'auto' } = this.#run;
    // For steps that passed before, nothing has to be made ready.
    const toRun = steps.filter(({ name }) => cache?.passOf(name) === undefined);
    const accesses = [...new Set(toRun.map((step) => step.network))];
    // One whose volume is gone has to run after all, in its own toolchain.
    const cached = new Set(steps.filter((step) => !toRun.includes(step)).map(({ name }) => name));
    const needed = neededByRunning(steps, cached).filter(({ volumes }) => volumes.length > 0);
    const toOpen = { accesses, steps: toRun, toolchains: toolchainsOf(needed), fresh: true };
    return { opened, lock, ...toOpen, cold, frozen, workspace, contents: () => recorder.contents() };
  }

  /** Tells `--watch` what the steps of its round see. */
  async #reportSnapshot({ opened, steps, lock, recorder }: PreparedRun): Promise<void> {
    const { round } = this.#run;
    const seen = round === undefined ? undefined : await recorder.files();
    if (seen !== undefined) round?.onSnapshot({ ...seen, steps, lock, dockerfile: opened.config.image.dockerfile });
  }

  async #page(
    planned: PreparedRun,
    { engine, info: { platform } }: EngineSession,
    end: { readonly why: ReadonlyMap<string, string> } & Required<Pick<ProjectRunEnd, 'finished'>> & {
        readonly receipt: ProjectRunEnd['receipt'] | undefined;
      },
  ): Promise<NonNullable<ProjectRunEnd['page']>> {
    const { collectPage } = await import('./page/collect-page.ts');
    return await collectPage(this.#context, { planned, engine, platform, ...end });
  }

  /** What a run's pipeline is, wherever it runs. */
  #pipeline({ begun, steps, opened, variables }: PreparedRun): Omit<PipelineRun, 'open' | 'cached' | 'jobs'> {
    const { events, signal } = this.#context;
    const { failFast, repetition } = this.#run;
    const { project, config } = opened;
    const { remedies } = config;
    return {
      begun,
      steps,
      variables: variables.byStep,
      failFast,
      emit: events.emit,
      signal,
      project: project.dir,
      configSource: sourceOf(config),
      ...(repetition === undefined ? {} : { repetition }),
      ...(remedies === undefined ? {} : { remedies }),
    };
  }
}

/** The engine that a run uses, and what the run has of it. */
class EngineSession {
  readonly engine: Engine;
  readonly info: EngineInfo;
  /** The environment when it was open already. */
  readonly warm: Environment | undefined;
  /** On a machine's first run there is none until the environment is open. */
  cache: StepCache | undefined;

  constructor({
    engine,
    info,
    warm,
    cached,
  }: Pick<EngineSession, 'engine' | 'info' | 'warm'> & { readonly cached: StepCache | undefined }) {
    this.engine = engine;
    this.info = info;
    this.warm = warm;
    this.cache = cached;
  }
}

/** Keeps all events of a run, for its replay. */
class EventList implements RunObserver {
  readonly list: RunEvent[] = [];

  onEvent(event: RunEvent): void {
    this.list.push(event);
  }
}

/** Collects the names of the steps that failed. A step that ran out of time or memory says nothing of its inputs, and does not count. */
class FailedSteps implements RunObserver {
  readonly names: string[] = [];

  onEvent(event: RunEvent): void {
    if (event.type === 'step-finished' && event.outcome === 'failed' && event.exitCode !== null)
      this.names.push(event.step);
  }
}

/** Whether the version of a package that is built here comes from git. */
function isFromGit(lock: Lock | undefined): boolean {
  return lock?.python.build?.projects.some(({ versionFrom }) => versionFrom === 'git') === true;
}

function sourceOf({ source }: Config): string {
  if (source.kind === 'file') return source.path;
  return source.ci === undefined ? 'the layout' : source.ci.files.join(', ');
}

/** Each step's variables with those that differ from commit to commit; its own stand above them. */
async function startVariables({ variables, ofCommit }: PreparedRun): Promise<PipelineRun['variables']> {
  if (ofCommit === undefined) return variables.byStep;
  const values = await ofCommit();
  return new Map([...variables.byStep].map(([name, own]) => [name, { ...values, ...own }]));
}
