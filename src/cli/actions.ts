import { findProject, type Project } from '../config/project.ts';
import type { ImportSource } from './commands/import-ci.ts';
import type { Platform } from '../core/platform.ts';
import { ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { BundleOptions } from './commands/bundle.ts';
import type { CiOptions } from './commands/ci.ts';
import type { DoctorFlags } from './commands/doctor.ts';
import type { ImageCommand } from './commands/image.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit.ts';
import { openProject, startConnecting, type OpenProject, type PendingEngine } from '../app/project/open-project.ts';

// From the command line's words to each command's own options. A module of its own, so that --help loads none of it.

/** `parity init`. */
export async function init(
  context: CommandContext,
  flags: { readonly force: boolean; readonly from?: ImportSource },
): Promise<Result<number>> {
  const { init: writeConfig } = await import('./commands/init.ts');
  const done = await writeConfig({
    cwd: context.cwd,
    ...flags,
    stdout: (text) => (context.json ? undefined : context.print(text)),
    stderr: (text) => context.emit({ type: 'note', severity: 'warning', message: text.trimEnd() }),
  });
  if (!done.ok) return done;
  if (context.json) context.print(JSON.stringify({ type: 'init', ...done.value }));
  return ok(exitCodes.yes);
}

/** `parity lock`. */
export async function lock(
  context: CommandContext,
  flags: {
    readonly check: boolean;
    readonly upgrade: false | 'all' | readonly string[];
    readonly platform?: Platform;
  },
): Promise<Result<number>> {
  return await withProject(context, async ({ project, config }, pending) => {
    const { lockCommand } = await import('./commands/lock.ts');
    const done = await lockCommand({ ...context, projectDir: project.dir, config, engine: pending.engine, ...flags });
    return done.ok ? ok(done.value.status === 'stale' ? exitCodes.no : exitCodes.yes) : done;
  });
}

/** `parity build`. */
export async function build(
  context: CommandContext,
  flags: { readonly noCache: boolean; readonly frozen: boolean; readonly check: boolean },
): Promise<Result<number>> {
  return await withProject(context, async ({ project, config }, pending) => {
    const [{ lockForUp }, { buildCommand, buildCheckCommand }, { platformOfEngine }] = await Promise.all([
      import('./commands/lock.ts'),
      import('./commands/build.ts'),
      import('../app/project/open-environment.ts'),
    ]);
    const projectDir = project.dir;
    const frozen = flags.frozen || flags.check;
    const locked = await lockForUp({ ...context, frozen, projectDir, config, engine: pending.engine });
    if (!locked.ok) return locked;
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const platform = await platformOfEngine(engine.value);
    if (!platform.ok) return platform;
    const { lock } = locked.value;
    const building = { ...context, engine: engine.value, projectDir, config, lock, platform: platform.value };
    if (flags.check) {
      const same = await buildCheckCommand(building);
      return same.ok ? ok(same.value ? exitCodes.yes : exitCodes.no) : same;
    }
    const built = await buildCommand({ ...flags, ...building });
    return built.ok ? ok(exitCodes.yes) : built;
  });
}

/** `parity image push|pull|save|load`. The lock is used as it is. */
export async function image(context: CommandContext, command: ImageCommand): Promise<Result<number>> {
  return await withProject(context, async ({ project, config }, pending) => {
    const [{ lockForUp }, { imageCommand }, { platformOfEngine }] = await Promise.all([
      import('./commands/lock.ts'),
      import('./commands/image.ts'),
      import('../app/project/open-environment.ts'),
    ]);
    const projectDir = project.dir;
    const locked = await lockForUp({ ...context, frozen: true, projectDir, config, engine: pending.engine });
    if (!locked.ok) return locked;
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const platform = await platformOfEngine(engine.value);
    if (!platform.ok) return platform;
    const { lock } = locked.value;
    const options = { ...context, engine: engine.value, projectDir, config, lock, platform: platform.value };
    const done = await imageCommand(options, command);
    return done.ok ? ok(exitCodes.yes) : done;
  });
}

/** What `run` and `shell` are told of the environment. */
/** `parity status`. */
export async function status(context: CommandContext): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    const project = await findProject(context.cwd);
    if (!project.ok) return project;
    const connection = await pending.connection();
    if (!connection.ok) return connection;
    const { statusCommand } = await import('./commands/status.ts');
    const images = await imagesOf(context, project.value, connection.value.engine);
    return await statusCommand({ ...context, ...images, connection: connection.value, projectDir: project.value.dir });
  } finally {
    await pending.close();
  }
}

/** The image that the lock wants and the one that is there. What is wrong with config or lock is a warning: status goes on. */
async function imagesOf(
  context: CommandContext,
  project: Project,
  engine: Engine,
): Promise<{ lockedImage?: string | null; presentImage?: string }> {
  const [{ loadConfig }, { readLock }, { readRecipe }, { imageReference }, { imageIdOn }] = await Promise.all([
    import('../config/load.ts'),
    import('../lock/read.ts'),
    import('../image/recipe.ts'),
    import('../image/name.ts'),
    import('../image/identity.ts'),
  ]);
  const [config, lock, info] = await Promise.all([loadConfig(project), readLock(project.dir), engine.describe()]);
  for (const each of [config, lock])
    if (!each.ok) context.emit({ type: 'note', severity: 'warning', message: each.error.message });
  if (!lock.ok || lock.value === undefined || !info.ok || info.value.platform === undefined) return {};
  const { platform } = info.value;
  const locked = lock.value.platforms[platform].image;
  const lockedImage = locked === null ? null : imageIdOn(info.value, locked);
  const recipe = config.ok ? await readRecipe(project.dir, config.value) : config;
  if (!recipe.ok) return { lockedImage };
  const name = { lock: lock.value, platform, recipe: recipe.value.digest };
  const image = await engine.inspectImage(imageReference(name));
  return { lockedImage, ...(image.ok && image.value !== undefined ? { presentImage: image.value.id } : {}) };
}

/** `parity bundle`. */
export async function bundle(
  context: CommandContext,
  flags: Pick<BundleOptions, 'file' | 'yes'>,
): Promise<Result<number>> {
  const { bundle: writeBundle } = await import('./commands/bundle.ts');
  return await writeBundle(context, {
    ...flags,
    imagesOf: async ({ project, engine }) =>
      engine.ok ? await imagesOf(context, project, engine.value.connection.engine) : {},
  });
}

/** `parity doctor`. */
export async function doctor(
  context: CommandContext,
  flags: DoctorFlags & { readonly offline: boolean },
): Promise<Result<number>> {
  // Not with --offline: an engine over ssh would be called.
  const pending = flags.offline ? undefined : startConnecting(context);
  try {
    const [{ doctorCommand }, { observeProjects }] = await Promise.all([
      import('./commands/doctor.ts'),
      import('../app/doctor/observe-projects.ts'),
    ]);
    const { reporter } = context;
    return await doctorCommand({
      ...context,
      ...flags,
      format: reporter === 'json' || reporter === 'github' ? reporter : 'text',
      observe: (topDir, projects) => observeProjects(context, { topDir, projects, pending }),
      tell: (text) => void context.stderr.write(`${text}\n`),
    });
  } finally {
    await pending?.close();
  }
}

/** `parity ci`: needs the lock, as CI will, and no engine. */
export async function ci(
  context: CommandContext,
  flags: Pick<CiOptions, 'system' | 'check' | 'force' | 'output'>,
): Promise<Result<number>> {
  const opened = await openProject(context);
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const [{ lockForUp }, { ci: writeCi }] = await Promise.all([
    import('./commands/lock.ts'),
    import('./commands/ci.ts'),
  ]);
  const noEngine = (): never => {
    throw new Error('parity: a frozen lock asked for an engine');
  };
  const lock = await lockForUp({ ...context, projectDir: project.dir, config, engine: noEngine, frozen: true });
  return lock.ok ? await writeCi({ ...context, ...flags, projectDir: project.dir, config }) : lock;
}

/** `parity down`. */
export async function down(context: CommandContext): Promise<Result<number>> {
  return await withEngine(context, async (engine, projectDir) => {
    const { downCommand } = await import('./commands/down.ts');
    return await downCommand({ ...context, engine, projectDir });
  });
}

/** `parity clean`. */
export async function clean(context: CommandContext, flags: { readonly all: boolean }): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    const engine = await pending.engine();
    if (!engine.ok) return engine;
    const { cleanCommand } = await import('./commands/clean.ts');
    return await cleanCommand({ ...context, engine: engine.value, all: flags.all });
  } finally {
    await pending.close();
  }
}

async function withProject(
  context: CommandContext,
  body: (opened: OpenProject, pending: PendingEngine) => Promise<Result<number>>,
): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    const opened = await openProject(context);
    return opened.ok ? await body(opened.value, pending) : opened;
  } finally {
    await pending.close();
  }
}

async function withEngine(
  context: CommandContext,
  body: (engine: Engine, projectDir: string) => Promise<Result<number>>,
): Promise<Result<number>> {
  const pending = startConnecting(context);
  try {
    // A broken parity.yaml must not keep anybody from ending what runs: only the folder matters here.
    const project = await findProject(context.cwd);
    if (!project.ok) return project;
    const engine = await pending.engine();
    return engine.ok ? await body(engine.value, project.value.dir) : engine;
  } finally {
    await pending.close();
  }
}
