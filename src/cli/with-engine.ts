import { openProject, type OpenProject } from '../app/project/open-project.ts';
import { startConnecting, type PendingEngine } from '../app/project/pending-engine.ts';
import { findProject } from '../config/project.ts';
import type { Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { CommandContext } from './context.ts';

/** Opens the project while the engine is connected to, and lets go of the engine after the body. */
export async function withProject(
  context: CommandContext,
  body: (opened: OpenProject, pending: PendingEngine) => Promise<Result<number>>,
): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    const opened = await openProject(context, { verbose: context.terminal.verbose });
    return opened.ok ? await body(opened.value, pending) : opened;
  } finally {
    await pending.close();
  }
}

/** Connects to the engine and finds the project's folder, and lets go of the engine after the body. */
export async function withEngine(
  context: CommandContext,
  body: (engine: Engine, projectDir: string) => Promise<Result<number>>,
): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    // A broken parity.yaml must not keep a user from ending what runs: only the folder matters here.
    const project = await findProject(context.cwd);
    if (!project.ok) return project;
    const engine = await pending.engine();
    return engine.ok ? await body(engine.value, project.value.dir) : engine;
  } finally {
    await pending.close();
  }
}
