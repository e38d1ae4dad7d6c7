import { posix } from 'node:path';
import type { Config, StepConfig } from '../../config/config.ts';
import { onAbort } from '../../core/interruption.ts';
import { ok, type Result } from '../../core/result.ts';
import type { CommandExit, Environment } from '../../environment/environment.ts';
import type { WorkspaceMode } from '../../environment/workspace-mode.ts';
import { captureOutput } from '../../pipeline/captured-output.ts';
import { shellCommand } from '../../pipeline/run-step.ts';
import { resolveStepVariables } from '../../pipeline/step-variables.ts';
import { readContents } from '../../workspace/workspace-contents.ts';
import { inPathOrder, type FileState } from '../../workspace/file-state.ts';
import { workspaceRoot } from '../../workspace/workspace.ts';
import { lockForRun } from '../lock/lock-project.ts';
import type { AppContext } from '../context.ts';
import { hideSecrets } from '../project/hide-secrets.ts';
import { readyEnvironment, type ReadyOptions } from '../project/open-environment.ts';
import { openProject } from '../project/open-project.ts';
import { startConnecting, type PendingEngine } from '../project/pending-engine.ts';

/** Which steps' fix commands to run, and how. */
export interface FixRun {
  /** Names; those without a fix command, and those that are no steps, are passed over. */
  readonly steps: readonly string[];
  readonly frozen: boolean;
  readonly workspace: WorkspaceMode;
}

/** What a step's fix command did. */
export interface FixedStep extends Pick<CommandExit, 'exitCode' | 'signal'> {
  readonly step: string;
  /** As parity.yaml has it. */
  readonly command: string;
  /** The end of what it printed. */
  readonly output: string;
  /** Files that it changed, made or deleted, relative to the project's folder, in byte order. */
  readonly changed: readonly string[];
}

const outputBytes = 16 * 1024;

/**
 * Runs steps' fix commands in the work tree, one after the other in the pipeline's order, where and as their steps run; a command that fails
 * is no Err, and does not keep the next from running. Err when they can't be run at all.
 */
export async function fixSteps(context: AppContext, run: FixRun): Promise<Result<readonly FixedStep[]>> {
  const pending = startConnecting(context);
  try {
    const prepared = await prepareFixes(context, pending, {
      frozen: run.frozen,
      choose: (pipeline) => ok(pipeline.filter(({ name }) => run.steps.includes(name))),
    });
    if (!prepared.ok) return prepared;
    if (prepared.value.steps.length === 0) return ok([]);
    const made = await prepared.value.make();
    if (!made.ok) return made;
    const { signal } = context;
    const root = made.value.hostRoot;
    const look = (): ReturnType<typeof readContents> => readContents(root, { signal });
    const environment = await readyEnvironment(context, { ...made.value, workspace: run.workspace });
    if (!environment.ok) return environment;
    try {
      const folder = posix.relative(workspaceRoot, environment.value.workspaceDir);
      const fixed: FixedStep[] = [];
      let before = await look();
      for (const step of prepared.value.steps) {
        if (!before.ok) return before;
        const done = await runFix(environment.value, step, prepared.value.variablesOf(step), signal);
        if (!done.ok) return done;
        await environment.value.bringBack();
        const after = await look();
        if (!after.ok) return after;
        const changed = differing(before.value.files, after.value.files);
        fixed.push({ ...done.value, changed: changed.map((path) => posix.relative(folder, path)) });
        before = after;
      }
      return ok(fixed);
    } finally {
      await environment.value.release();
    }
  } finally {
    void pending.close();
  }
}

/** Steps whose fix commands can be run. */
export interface PreparedFixes {
  /** In the pipeline's order, each with a fix command; perhaps none. */
  readonly steps: readonly StepConfig[];
  /** The chosen steps for whose sake code is rewritten, with a fix command or not. */
  readonly rewriting: readonly StepConfig[];
  /** The other chosen steps that have no fix command. */
  readonly withoutFix: readonly string[];
  readonly variablesOf: (step: StepConfig) => Readonly<Record<string, string>>;
  /** Asks for the lock, which is made when there is none, and for the engine. */
  readonly make: () => Promise<Result<FixGround>>;
}

/** What the environment of fix commands is made ready from. */
export interface FixGround extends Omit<ReadyOptions, 'workspace'> {
  /** The workspace's root, and the project in it, on the host. */
  readonly hostRoot: string;
  readonly hostProject: string;
}

/** Reads the config and chooses the steps to fix. Err what is wrong with the question, and what `choose` gives. */
export async function prepareFixes(
  context: AppContext,
  pending: PendingEngine,
  {
    frozen,
    choose,
    rewrites = () => false,
  }: {
    readonly frozen: boolean;
    readonly rewrites?: (step: StepConfig) => boolean;
    readonly choose: (pipeline: readonly StepConfig[]) => Result<readonly StepConfig[]>;
  },
): Promise<Result<PreparedFixes>> {
  const opened = await openProject(context);
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const pipeline = await pipelineInCi(config, project.dir, context.env);
  const chosen = choose(pipeline);
  if (!chosen.ok) return chosen;
  const steps = chosen.value.filter(({ fix }) => fix !== undefined);
  const rewriting = chosen.value.filter(rewrites);
  const all = [...new Set([...steps, ...rewriting])];
  const surroundings = resolveStepVariables(all, context.env);
  if (!surroundings.ok) return surroundings;
  hideSecrets(context, project.dir, surroundings.value);
  const {
    events: { emit },
    signal,
  } = context;
  return ok({
    steps,
    rewriting,
    withoutFix: chosen.value.filter((step) => !all.includes(step)).map(({ name }) => name),
    variablesOf: ({ name }) => surroundings.value.byStep.get(name) ?? {},
    async make() {
      const locked = await lockForRun({
        projectDir: project.dir,
        config,
        engine: pending.engine,
        emit,
        signal,
        frozen,
        partsAhead: true,
      });
      if (!locked.ok) return locked;
      const [engine, workspace] = await Promise.all([pending.engine(), opened.value.workspace]);
      if (!engine.ok) return engine;
      if (!workspace.ok) return workspace;
      return ok({
        hostRoot: workspace.value.hostRoot,
        hostProject: workspace.value.hostProject,
        opened: opened.value,
        engine: engine.value,
        lock: locked.value.lock,
        accesses: [...new Set(all.map(({ network }) => network))],
        steps: all.map(({ network, toolchain }) => ({ network, ...(toolchain === undefined ? {} : { toolchain }) })),
        cold: false,
        frozen,
      });
    },
  });
}

/** Runs a step's fix command in an environment to its end, or until the signal is aborted; how it ended is no Err. */
export async function runFix(
  environment: Environment,
  { name, fix = '', cwd, network, toolchain }: StepConfig,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Result<Omit<FixedStep, 'changed'>>> {
  const started = await environment.start({
    name: `${name} (fix)`,
    ...shellCommand(fix),
    cwd: posix.join(environment.workspaceDir, cwd),
    env,
    network,
    ...(toolchain === undefined ? {} : { toolchain }),
  });
  if (!started.ok) return started;
  const command = started.value;
  const stopListening = onAbort(signal, () => command.signal('SIGTERM'));
  try {
    const printed = captureOutput();
    for await (const piece of command.output) printed.add(piece);
    const exit = await command.exit;
    if (!exit.ok) return exit;
    const { exitCode, signal: killed } = exit.value;
    return ok({ step: name, command: fix, exitCode, signal: killed, output: printed.tail(outputBytes) });
  } finally {
    stopListening();
  }
}

/** The paths that are not in both with the same content and mode; both in byte order, and so is what it gives. */
function differing(before: readonly FileState[], after: readonly FileState[]): readonly string[] {
  const states = new Map(before.map((file) => [file.path, file]));
  const changed = after.filter(({ path, mode, digest }) => {
    const old = states.get(path);
    states.delete(path);
    return old?.mode !== mode || old.digest !== digest;
  });
  return inPathOrder([...changed, ...states.values()]).map(({ path }) => path);
}

/** The steps with the variables of the CI system that the config names. */
async function pipelineInCi(
  { ci, pipeline }: Config,
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly StepConfig[]> {
  if (ci?.variables === undefined) return pipeline;
  const { stepsInCi } = await import('../run/ci-variables.ts');
  return (await stepsInCi(pipeline, { system: ci.variables, dir, ownDir: dir, env })).steps;
}
