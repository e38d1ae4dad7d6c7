import { lockForRun } from '../app/lock/lock-project.ts';
import { platformOfEngine } from '../app/project/open-environment.ts';
import type { Config } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import type { Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../lock/lock.ts';
import type { CommandContext } from './context.ts';
import { withProject } from './with-engine.ts';

/** A project with its lock, the engine, and what reports and ends the work. */
export interface LockedProject {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/** Opens the project with its lock (see lockForRun) and the engine, and lets go of the engine after the body. */
export async function withLockedProject(
  context: CommandContext,
  { frozen }: { readonly frozen: boolean },
  body: (project: LockedProject) => Promise<Result<number>>,
): Promise<Result<number>> {
  return await withProject(context, async ({ project, config }, pending) => {
    const { signal, events } = context;
    const projectDir = project.dir;
    const locking = { emit: events.emit, signal, projectDir, config };
    const locked = await lockForRun({ ...locking, frozen, engine: pending.engine });
    if (!locked.ok) return locked;
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const platform = await platformOfEngine(engine.value);
    if (!platform.ok) return platform;
    return await body({ ...locking, engine: engine.value, lock: locked.value.lock, platform: platform.value });
  });
}
