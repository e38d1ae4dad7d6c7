import { lockForRun } from '../app/lock/lock-project.ts';
import { platformOfEngine } from '../app/project/open-environment.ts';
import type { Config } from '../config/config.ts';
import { toolchainConfig, toolchainNames, unknownToolchain, type ToolchainName } from '../config/toolchains.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../lock/lock.ts';
import { requiredToolchainLock } from '../lock/toolchain-lock.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit.ts';
import { withProject } from './with-engine.ts';

/** A project with its lock, the engine, and what reports and ends the work; config and lock as if a toolchain were the only one. */
export interface LockedProject {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  /** The toolchain's name; absent for the default one. */
  readonly toolchain?: ToolchainName;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/** How a project is opened with its lock, and for which toolchains the body runs. */
export interface LockedProjectOptions {
  readonly frozen: boolean;
  /** As lockForRun has it; false by default. */
  readonly partsAhead?: boolean;
  /** `all`; names; or the default one alone. */
  readonly toolchains: 'all' | 'default' | readonly string[];
}

/**
 * Opens the project with its lock (see lockForRun) and the engine, runs the body for each toolchain, and lets go of the engine. Gives 0, or the
 * first other exit code of a body; an Err ends it.
 */
export async function withLockedProject(
  context: CommandContext,
  { frozen, partsAhead = false, toolchains }: LockedProjectOptions,
  body: (project: LockedProject) => Promise<Result<number>>,
): Promise<Result<number>> {
  return await withProject(context, async ({ project, config }, pending) => {
    const { signal, events } = context;
    const names = namesOf(config, toolchains);
    const unknown = names.map((name) => unknownToolchain(config, name)).find((failure) => failure !== undefined);
    if (unknown !== undefined) return err(unknown);
    const projectDir = project.dir;
    const locking = { emit: events.emit, signal, projectDir, config };
    const locked = await lockForRun({ ...locking, frozen, partsAhead, engine: pending.engine });
    if (!locked.ok) return locked;
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const platform = await platformOfEngine(engine.value);
    if (!platform.ok) return platform;
    const codes: number[] = [];
    for (const toolchain of names) {
      const done = await body({
        ...locking,
        toolchain,
        config: toolchainConfig(config, toolchain),
        engine: engine.value,
        lock: requiredToolchainLock(locked.value.lock, toolchain),
        platform: platform.value,
      });
      if (!done.ok) return done;
      codes.push(done.value);
    }
    return ok(codes.find((code) => code !== exitCodes.yes) ?? exitCodes.yes);
  });
}

function namesOf(config: Config, asked: LockedProjectOptions['toolchains']): readonly ToolchainName[] {
  if (asked === 'all') return toolchainNames(config);
  return asked === 'default' ? [undefined] : asked;
}

/** What a result says of a named toolchain: its member of a JSON object, and its line before a text. */
export function toolchainWords(toolchain: ToolchainName): {
  readonly json: { readonly toolchain?: string };
  readonly line: string;
} {
  return toolchain === undefined ? { json: {}, line: '' } : { json: { toolchain }, line: `toolchain ${toolchain}\n` };
}
