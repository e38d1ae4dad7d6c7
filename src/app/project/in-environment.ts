import { realpathSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import type { NetworkAccess } from '../../config/config.ts';
import { unknownToolchain } from '../../config/toolchains.ts';
import { err, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import type { WorkspaceMode } from '../../environment/workspace-mode.ts';
import type { AppContext } from '../context.ts';
import { lockForRun } from '../lock/lock-project.ts';
import { cachedEngineInfo } from './engine-info-cache.ts';
import { findWarm, readyEnvironment } from './open-environment.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { connectLater, startConnecting } from './pending-engine.ts';

/** How a command is to be run in the environment. */
export interface EnvironmentFlags {
  readonly network: NetworkAccess;
  /** Whose image it is run in; the default one by default. */
  readonly toolchain?: string;
  readonly frozen: boolean;
  readonly workspace: WorkspaceMode;
  /** Reports every decision of the detection. */
  readonly verbose: boolean;
}

/** An environment that a command runs in. */
export interface CommandEnvironment {
  readonly environment: Environment;
  readonly engine: Engine;
  /** The folder that the user stands in, as the container has it. */
  readonly cwd: string;
}

/** Opens the environment, without a question to the engine where it is warm; the body releases it. */
export async function inEnvironment(
  context: AppContext,
  { network, toolchain, frozen, workspace, verbose }: EnvironmentFlags,
  body: (opened: CommandEnvironment) => Promise<Result<number>>,
): Promise<Result<number>> {
  const known = cachedEngineInfo(context);
  const pending = known === undefined ? startConnecting(context) : connectLater(context);
  try {
    const opened = await openProject(context, { verbose });
    if (!opened.ok) return opened;
    const { project, config } = opened.value;
    const unknown = unknownToolchain(config, toolchain);
    if (unknown !== undefined) return err(unknown);
    const { events, signal } = context;
    const locking = { projectDir: project.dir, config, engine: pending.engine, emit: events.emit, signal };
    const locked = await lockForRun({ ...locking, frozen, partsAhead: true });
    if (!locked.ok) return locked;
    const accesses = [network];
    const toolchains = [toolchain];
    const options = {
      opened: opened.value,
      lock: locked.value.lock,
      accesses,
      toolchains,
      cold: false,
      frozen,
      workspace,
    };
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
function inContainer({ cwd }: AppContext, { project }: OpenProject, { workspaceDir }: Environment): string {
  const below = relative(project.dir, realpathSync.native(cwd));
  const inside = below !== '..' && !below.startsWith(`..${sep}`);
  return inside ? posix.join(workspaceDir, below.split(sep).join('/')) : workspaceDir;
}
