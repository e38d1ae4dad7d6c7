import { posix } from 'node:path';
import type { StepConfig } from '../config/config.ts';
import { ok, type Result } from '../core/result.ts';
import type { CommandExit, Environment } from '../environment/environment.ts';
import type { WorkspaceMode } from '../environment/workspace-mode.ts';
import { captureOutput } from '../pipeline/captured-output.ts';
import { shellCommand } from '../pipeline/step.ts';
import { resolveSurroundings } from '../pipeline/surroundings.ts';
import { readContents } from '../workspace/contents.ts';
import { inPathOrder, type FileState } from '../workspace/file-state.ts';
import { workspaceRoot } from '../workspace/workspace.ts';
import { lockForUp } from './commands/lock.ts';
import type { CommandContext } from './context.ts';
import { readyEnvironment } from './open-environment.ts';
import { openProject, startConnecting } from './open-project.ts';

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
 * Runs steps' fix commands, one after the other in the pipeline's order, where and as their steps run; a command that fails is no Err, and does
 * not keep the next from running. Err when they can't be run at all.
 */
export async function fixSteps(context: CommandContext, run: FixRun): Promise<Result<readonly FixedStep[]>> {
  const pending = startConnecting(context);
  try {
    const opened = await openProject(context);
    if (!opened.ok) return opened;
    const { project, config } = opened.value;
    const steps = config.pipeline.filter(({ name, fix }) => fix !== undefined && run.steps.includes(name));
    if (steps.length === 0) return ok([]);
    const surroundings = resolveSurroundings(steps, context.env);
    if (!surroundings.ok) return surroundings;
    context.addSecrets(surroundings.value.secrets);
    const { frozen } = run;
    const { emit, signal } = context;
    const locked = await lockForUp({ projectDir: project.dir, config, engine: pending.engine, emit, signal, frozen });
    if (!locked.ok) return locked;
    const [engine, workspace] = await Promise.all([pending.engine(), opened.value.workspace]);
    if (!engine.ok) return engine;
    if (!workspace.ok) return workspace;
    const root = workspace.value.hostRoot;
    const look = (): ReturnType<typeof readContents> => readContents(root, { signal });
    const environment = await readyEnvironment(context, {
      opened: opened.value,
      engine: engine.value,
      lock: locked.value.lock,
      accesses: [...new Set(steps.map(({ network }) => network))],
      cold: false,
      frozen,
      workspace: run.workspace,
    });
    if (!environment.ok) return environment;
    try {
      const folder = posix.relative(workspaceRoot, environment.value.workspaceDir);
      const fixed: FixedStep[] = [];
      let before = await look();
      for (const step of steps) {
        if (!before.ok) return before;
        const variables = surroundings.value.byStep.get(step.name) ?? {};
        const done = await runFix(environment.value, step, variables, signal);
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

async function runFix(
  environment: Environment,
  { name, fix = '', cwd, network }: StepConfig,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Result<Omit<FixedStep, 'changed'>>> {
  const started = await environment.start({
    name: `${name} (fix)`,
    argv: shellCommand(fix),
    cwd: posix.join(environment.workspaceDir, cwd),
    env,
    network,
  });
  if (!started.ok) return started;
  const command = started.value;
  const onAbort = (): void => command.signal('SIGTERM');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const printed = captureOutput();
    for await (const piece of command.output) printed.add(piece);
    const exit = await command.exit;
    if (!exit.ok) return exit;
    const { exitCode, signal: killed } = exit.value;
    return ok({ step: name, command: fix, exitCode, signal: killed, output: printed.tail(outputBytes) });
  } finally {
    signal.removeEventListener('abort', onAbort);
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
