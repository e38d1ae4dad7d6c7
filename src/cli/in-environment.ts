import { realpathSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import type { NetworkAccess } from '../config/config.ts';
import { failure } from '../core/failure.ts';
import { err, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Environment } from '../environment/environment.ts';
import { withPytestCache } from '../environment/pytest-plugins.ts';
import type { WorkspaceMode } from '../environment/workspace-mode.ts';
import { isPlainPytestCommand } from '../formats/plain-pytest.ts';
import { lockForUp } from './commands/lock.ts';
import { runCommand } from './commands/run.ts';
import type { CommandContext } from './context.ts';
import { findWarm, readyEnvironment } from '../app/project/open-environment.ts';
import { connectLater, openProject, startConnecting, type OpenProject } from '../app/project/open-project.ts';
import { cachedEngineInfo } from '../app/project/engine-info-cache.ts';

/** How a command is to be run in the environment. */
export interface EnvironmentFlags {
  readonly network: NetworkAccess;
  readonly frozen: boolean;
  readonly workspace: WorkspaceMode;
}

/** `parity run -- cmd…`: gives the command's own exit code. */
export async function run(
  context: CommandContext,
  flags: EnvironmentFlags & { readonly command: readonly string[] },
): Promise<Result<number>> {
  const [program, ...rest] = flags.command;
  if (program === undefined)
    return err(failure('usage', 'there is no command to run', { next: 'parity run -- mypy --version' }));
  return await inEnvironment(context, flags, ({ environment, cwd }) =>
    runCommand({
      ...context,
      environment,
      argv: [program, ...rest],
      cwd,
      // The cache of the steps, so that `parity run -- pytest --lf` runs what failed in them.
      env: isPlainPytestCommand(flags.command) ? withPytestCache({}) : {},
      network: flags.network,
    }),
  );
}

/** `parity shell`: gives the shell's own exit code. */
export async function shell(context: CommandContext, flags: EnvironmentFlags): Promise<Result<number>> {
  return await inEnvironment(context, flags, async ({ environment, engine, cwd }) => {
    const { shellCommand } = await import('./commands/shell.ts');
    return await shellCommand({ ...context, engine, environment, network: flags.network, cwd, env: {} });
  });
}

interface Opened {
  readonly environment: Environment;
  readonly engine: Engine;
  /** The folder that the user stands in, as the container has it. */
  readonly cwd: string;
}

/** Opens the environment, without a question to the engine where it is warm; whoever is given it releases it. */
async function inEnvironment(
  context: CommandContext,
  { network, frozen, workspace }: EnvironmentFlags,
  body: (opened: Opened) => Promise<Result<number>>,
): Promise<Result<number>> {
  const known = cachedEngineInfo(context);
  const pending = known === undefined ? startConnecting(context) : connectLater(context);
  try {
    const opened = await openProject(context);
    if (!opened.ok) return opened;
    const { project, config } = opened.value;
    const toLock = { ...context, frozen, projectDir: project.dir, config, engine: pending.engine };
    const locked = await lockForUp(toLock);
    if (!locked.ok) return locked;
    const accesses = [network];
    const options = { opened: opened.value, lock: locked.value.lock, accesses, cold: false, frozen, workspace };
    const warm = known === undefined ? undefined : await findWarm(context, { known, pending }, options);
    const cwdIn = (environment: Environment): string => inContainer(context, opened.value, environment);
    if (warm !== undefined) return await body({ ...warm, cwd: cwdIn(warm.environment) });
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const environment = await readyEnvironment(context, { ...options, engine: engine.value });
    if (!environment.ok) return environment;
    return await body({ environment: environment.value, engine: engine.value, cwd: cwdIn(environment.value) });
  } finally {
    await pending.close();
  }
}

/** The folder that the user stands in, as the container has it; the project's own when they stand outside. */
function inContainer({ cwd }: CommandContext, { project }: OpenProject, { workspaceDir }: Environment): string {
  const below = relative(project.dir, realpathSync.native(cwd));
  const inside = below !== '..' && !below.startsWith(`..${sep}`);
  return inside ? posix.join(workspaceDir, below.split(sep).join('/')) : workspaceDir;
}
