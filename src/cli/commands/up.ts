import { planSteps } from '../../config/plan.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { ok, type Result } from '../../core/result.ts';
import { runPipeline, runThatFailed } from '../../pipeline/run.ts';
import { resolveSurroundings } from '../../pipeline/surroundings.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun } from '../exit.ts';
import { readyEnvironment } from '../open-environment.ts';
import { openProject, startConnecting } from '../open-project.ts';
import { lockForUp } from './lock.ts';

/** What `parity up` was asked. */
export interface UpOptions {
  /** Names of the steps to run with what they need; none = all. */
  readonly steps: readonly string[];
  readonly cold: boolean;
  readonly frozen: boolean;
  readonly failFast: boolean;
  /** How many steps at once; the engine's CPUs by default. */
  readonly jobs?: number;
}

/** `parity up`: the pipeline in the pinned environment. Everything, failures included, is told in events; gives the exit code. */
export async function up(context: CommandContext, options: UpOptions): Promise<Result<number>> {
  const begun = performance.now();
  const { emit, signal, env } = context;
  const failed = (reason: Failure): Result<number> => {
    const finished = runThatFailed(reason, performance.now() - begun);
    emit(finished);
    return ok(exitCodeOfRun(finished));
  };
  // The engine is greeted while the config is read. What is wrong with the question is told before what is wrong with it.
  const pending = startConnecting(context);
  try {
    const opened = await openProject(context);
    if (!opened.ok) return failed(opened.error);
    const { project, config } = opened.value;
    const plan = planSteps(config.pipeline, options.steps);
    if (!plan.ok) return failed(plan.error);
    const { steps } = plan.value;
    if (steps.length === 0) return failed(nothingToRun(project.dir));
    const surroundings = resolveSurroundings(steps, env);
    if (!surroundings.ok) return failed(surroundings.error);
    context.addSecrets(surroundings.value.secrets);
    const { frozen } = options;
    const lock = await lockForUp({ projectDir: project.dir, config, engine: pending.engine, emit, signal, frozen });
    if (!lock.ok) return failed(lock.error);
    const engine = await pending.engine();
    if (!engine.ok) return failed(engine.error);
    const info = await engine.value.describe();
    if (!info.ok) return failed(info.error);
    const finished = await runPipeline({
      steps,
      environment: () =>
        readyEnvironment(context, {
          opened: opened.value,
          engine: engine.value,
          lock: lock.value.lock,
          accesses: [...new Set(steps.map((step) => step.network))],
          cold: options.cold,
          frozen,
        }),
      jobs: options.jobs ?? Math.max(1, info.value.cpus),
      failFast: options.failFast,
      emit,
      signal,
      hostEnv: env,
      project: project.dir,
      configSource: config.source.kind === 'file' ? config.source.path : 'the layout',
    });
    return ok(exitCodeOfRun(finished));
  } finally {
    void pending.close();
  }
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
