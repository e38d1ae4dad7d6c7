import type { NetworkAccess } from '../../config/config.ts';
import { toolchainConfig, toolchainsOf, type ToolchainName } from '../../config/toolchains.ts';
import { failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine, EngineInfo } from '../../engine/engine.ts';
import { lazyEngine } from '../../engine/lazy-engine.ts';
import type { DraftEnvironment, Environment } from '../../environment/environment.ts';
import type { EnvironmentRequest, ToolchainImage } from '../../environment/environment-request.ts';
import { openDraftEnvironment, openEnvironment, openWarmEnvironment } from '../../environment/open-environment.ts';
import { serviceImages } from '../../environment/service-images.ts';
import type { WorkspaceMode } from '../../environment/workspace-mode.ts';
import { imageIdOn, lockedImage } from '../../image/identity.ts';
import { readRecipe } from '../../image/recipe.ts';
import type { Lock } from '../../lock/lock.ts';
import { requiredToolchainLock } from '../../lock/toolchain-lock.ts';
import type { ProjectBuild } from '../../workspace/project-build.ts';
import type { Contents } from '../../workspace/workspace-contents.ts';
import type { AppContext } from '../context.ts';
import { ensureLockedImage } from './locked-image.ts';
import type { OpenProject } from './open-project.ts';
import type { PendingEngine } from './pending-engine.ts';
import { currentBuild } from './project-build.ts';

/** What an environment is made ready from. */
export interface ReadyOptions {
  readonly opened: OpenProject;
  readonly engine: Engine;
  readonly lock: Lock;
  /** Network accesses that will surely be used: their containers are started side by side. */
  readonly accesses: readonly NetworkAccess[];
  /** The steps that will surely run, whose jobs and toolchains may have containers of their own; those of the accesses by default. */
  readonly steps?: EnvironmentRequest['steps'];
  /** The toolchains whose images to have, besides those of the steps; without steps, the default one. */
  readonly toolchains?: readonly ToolchainName[];
  readonly cold: boolean;
  /** The commands are those of a run, which begins with a clean /tmp and HOME. */
  readonly fresh?: boolean;
  readonly frozen: boolean;
  /** How the files reach the containers. */
  readonly workspace: WorkspaceMode;
  /** The workspace's files, when they are looked at anyway. */
  readonly contents?: () => Promise<Result<Contents>>;
}

/** Brings up the environment of a lock: its image is built when the engine does not have it, its containers as needed. */
export async function readyEnvironment(context: AppContext, options: ReadyOptions): Promise<Result<Environment>> {
  const request = await readyRequest(context, options);
  return request.ok ? await openEnvironment(request.value) : request;
}

/** The same with a draft, by its number, in the workspace's place (see openDraftEnvironment). */
export async function readyDraftEnvironment(
  context: AppContext,
  options: Omit<ReadyOptions, 'workspace'>,
  draft: number,
): Promise<Result<DraftEnvironment>> {
  const request = await readyRequest(context, { ...options, workspace: 'copy' });
  return request.ok ? await openDraftEnvironment(request.value, draft) : request;
}

/** Has the lock's image in the engine, and gives what the environment is opened from. */
async function readyRequest(context: AppContext, options: ReadyOptions): Promise<Result<EnvironmentRequest>> {
  const { engine, lock, opened, accesses } = options;
  const {
    events: { emit },
    signal,
  } = context;
  const platform = await platformOfEngine(engine);
  if (!platform.ok) return platform;
  const stop = new AbortController();
  const images = serviceImages({
    engine,
    services: opened.config.services,
    platform: platform.value,
    emit,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const made: [ToolchainName, ToolchainImage][] = [];
  for (const toolchain of usedToolchains(options)) {
    const view = { config: toolchainConfig(opened.config, toolchain), lock: requiredToolchainLock(lock, toolchain) };
    const image = await ensureLockedImage({
      ...view,
      toolchain,
      frozen: options.frozen,
      engine,
      projectDir: opened.project.dir,
      platform: platform.value,
      onProgress(event) {
        // The image is not there, so that this takes a while: what the containers need besides comes meanwhile.
        if (event.type === 'phase-started' && accesses.includes('services')) images.fetch();
        if (event.type === 'phase-started' && accesses.includes('full'))
          void import('../../base/network-settings.ts').then(({ prefetchClientSettings: askAhead }) =>
            askAhead(context.env),
          );
        emit(event);
      },
      signal,
    });
    if (!image.ok) {
      stop.abort(image.error);
      return image;
    }
    const build = await currentBuild({ ...opened, config: view.config }, view.lock, options.contents);
    if (!build.ok) return build;
    made.push([toolchain, toolchainImage(view.lock, image.value.imageId, build.value)]);
  }
  return ok({ ...requestOf(context, options, made, platform.value), serviceImages: images });
}

/** The toolchains whose images commands will use, that of the first step before the others. */
function usedToolchains({
  steps = [],
  toolchains,
}: Pick<ReadyOptions, 'steps' | 'toolchains'>): readonly ToolchainName[] {
  const used = [...new Set([...toolchainsOf(steps), ...(toolchains ?? [])])];
  return used.length === 0 ? [undefined] : used;
}

function toolchainImage(lock: Lock, imageId: string, build: ProjectBuild | undefined): ToolchainImage {
  return { imageId, python: lock.python.version, ...(build === undefined ? {} : { build }) };
}

/** What is known of an engine from before, and how it is reached when something has to be asked of it. */
export interface KnownEngine {
  readonly known: EngineInfo;
  readonly pending: Pick<PendingEngine, 'engine'>;
}

/**
 * The environment when it is warm and answers (see openWarmEnvironment): the image is the one that the lock names. Its engine is known, and not
 * asked unless it has to be. Undefined when something is not as it was, or not known.
 */
export async function findWarm(
  context: AppContext,
  { known, pending }: KnownEngine,
  options: Omit<ReadyOptions, 'engine'>,
): Promise<{ readonly engine: Engine; readonly environment: Environment } | undefined> {
  const engine = lazyEngine(known, pending.engine);
  const environment = await warmEnvironment(context, { ...options, engine });
  return environment === undefined ? undefined : { engine, environment };
}

async function warmEnvironment(context: AppContext, options: ReadyOptions): Promise<Environment | undefined> {
  const { engine, lock, opened } = options;
  const [info, recipe] = await Promise.all([engine.describe(), readRecipe(opened.project.dir, opened.config)]);
  const platform = info.ok ? info.value.platform : undefined;
  if (!info.ok || !recipe.ok || platform === undefined) return undefined;
  const made: [ToolchainName, ToolchainImage][] = [];
  for (const toolchain of usedToolchains(options)) {
    const view = requiredToolchainLock(lock, toolchain);
    const image = lockedImage(view, platform, recipe.value);
    if (image === undefined) return undefined;
    const config = toolchainConfig(opened.config, toolchain);
    const build = await currentBuild({ ...opened, config }, view, options.contents);
    if (!build.ok) return undefined;
    made.push([toolchain, toolchainImage(view, imageIdOn(info.value, image), build.value)]);
  }
  return await openWarmEnvironment(requestOf(context, options, made, platform));
}

function requestOf(
  { events: { emit }, signal, env }: AppContext,
  { engine, opened, cold, fresh, accesses, steps, workspace, contents }: ReadyOptions,
  images: readonly (readonly [ToolchainName, ToolchainImage])[],
  platform: Platform,
): EnvironmentRequest {
  const [first, ...others] = images;
  if (first === undefined) throw new Error('parity: an environment without an image');
  const [toolchain, image] = first;
  return {
    ...image,
    platform,
    ...(toolchain === undefined ? {} : { toolchain }),
    ...(others.length === 0 ? {} : { others: new Map(others) }),
    engine,
    project: opened.project,
    workspace: opened.workspace,
    config: opened.config,
    cold,
    ...(fresh === undefined ? {} : { fresh }),
    accesses,
    ...(steps === undefined ? {} : { steps }),
    ...(workspace === 'auto' ? {} : { workspaceMode: workspace }),
    ...(contents === undefined ? {} : { contents }),
    hostEnv: env,
    emit,
    signal,
  };
}

/** The platform that the engine runs. Err `engine-refused` for one that parity has no images for. */
export async function platformOfEngine(engine: Engine): Promise<Result<Platform>> {
  const info = await engine.describe();
  if (!info.ok) return info;
  const { platform, platformText } = info.value;
  if (platform !== undefined) return ok(platform);
  const message = `the engine runs ${platformText}, and parity has images for ${platforms.join(' and ')}`;
  const next = 'switch the engine to Linux containers, or choose another with --host';
  return err(failure('engine-refused', message, { next }));
}
