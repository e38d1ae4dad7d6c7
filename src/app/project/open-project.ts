import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Listing } from '../../config/detect/files.ts';
import { findProject, loadConfig, type Project } from '../../config/load.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Connection } from '../../engine/connect-engine.ts';
import type { Engine } from '../../engine/engine.ts';
import { planWorkspace, type Workspace } from '../../workspace/workspace.ts';
import type { CommandContext } from '../../cli/context.ts';

/** A project, and where it lies. */
export interface LocatedProject {
  readonly project: Project;
  /** Where the project lies in its repository; asked of git while other work goes on. */
  readonly workspace: Promise<Result<Workspace>>;
}

/** A project with its config read. */
export interface OpenProject extends LocatedProject {
  readonly config: Config;
}

/** Finds the project of the context's folder. */
export async function locateProject({ cwd }: Pick<CommandContext, 'cwd'>): Promise<Result<LocatedProject>> {
  const project = await findProject(cwd);
  if (!project.ok) return project;
  const workspace = planWorkspace(project.value.dir);
  // Nobody may ask for it.
  workspace.catch(() => {});
  return ok({ project: project.value, workspace });
}

/**
 * Finds the project of the context's folder, unless it is given, and reads its config; without a parity.yaml, a note says what was detected.
 * Whoever looks at the files anyway gives their listing.
 */
export async function openProject(
  context: CommandContext,
  given?: LocatedProject,
  listing?: Listing,
): Promise<Result<OpenProject>> {
  const located = given === undefined ? await locateProject(context) : ok(given);
  if (!located.ok) return located;
  const { project, workspace } = located.value;
  const config = await loadConfig(project, listing);
  if (!config.ok) return config;
  tellDetected(context, project, config.value);
  return ok({ project, config: config.value, workspace });
}

// The first run tells every decision; the runs after it, which have a lock that answers to them, remind in a line.
function tellDetected({ emit, verbose }: CommandContext, project: Project, config: Config): void {
  if (config.source.kind !== 'detected') return;
  const first = verbose || !existsSync(join(project.dir, 'parity.lock.json'));
  const hint = 'parity init writes it down, to review and change';
  const lead = 'no parity.yaml here, so the layout decides';
  if (first) emit({ type: 'note', severity: 'note', message: [`${lead}:`, ...config.source.notes].join('\n'), hint });
  else emit({ type: 'note', severity: 'note', message: `${lead} (${hint})` });
}

/** An engine that is being looked for while other work goes on. */
export interface PendingEngine {
  readonly connection: () => Promise<Result<Connection>>;
  readonly engine: () => Promise<Result<Engine>>;
  /** Lets go of the engine if there is one. */
  close(): Promise<void>;
}

/** Starts to look for the engine; nothing fails until somebody asks for it. */
export function startConnecting({ host, env }: Pick<CommandContext, 'host' | 'env'>): PendingEngine {
  const connecting = connect(host, env);
  // Nobody may ever ask: then its trouble is nobody's.
  connecting.catch(() => {});
  return {
    connection: () => connecting,
    async engine() {
      const connection = await connecting;
      return connection.ok ? ok(connection.value.engine) : err(connection.error);
    },
    async close() {
      const connection = await connecting;
      if (connection.ok) await connection.value.engine.close();
    },
  };
}

/** An engine that nobody looks for until somebody asks. */
export function connectLater(context: Pick<CommandContext, 'host' | 'env'>): PendingEngine {
  let started: PendingEngine | undefined;
  const start = (): PendingEngine => (started ??= startConnecting(context));
  return {
    connection: () => start().connection(),
    engine: () => start().engine(),
    close: () => started?.close() ?? Promise.resolve(),
  };
}

async function connect(host: string | undefined, env: NodeJS.ProcessEnv): Promise<Result<Connection>> {
  const { connectEngine } = await import('../../engine/connect-engine.ts');
  const connection = await connectEngine({ host, env });
  // The first question's answer is remembered by the engine: asked now, it is there when it is needed.
  if (connection.ok) void connection.value.engine.describe();
  return connection;
}
