import type { Config, NetworkAccess } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo, Engine } from '../engine/engine.ts';
import { readContents, type Contents } from '../workspace/workspace-contents.ts';
import type { DraftChanges } from '../workspace/copy/collect-draft.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { isBeingCreated } from './ensure-container.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';
import { removeCold } from './end-environment.ts';
import type { Command, Environment, RunningCommand } from './environment.ts';
import { collectFacts, collectCachedFacts, type CollectedFacts } from './collect-facts.ts';
import { isCreatorAlive, label } from './environment-id.ts';
import { checkPorts, effectiveAccess, folderVolumes, planSteps, type StepsPlan } from './container-plan.ts';
import { reachDirectly, reachSupervisor } from './reach-supervisor.ts';
import { serviceImages, type ServiceImages } from './service-images.ts';
import { ensureServices } from './ensure-services.ts';
import type { Session } from './session.ts';
import type { WorkspaceMode } from './workspace-mode.ts';

/** What an environment is opened from. */
export interface EnvironmentRequest {
  readonly engine: Engine;
  /** The project's folder on the host. */
  readonly project: { readonly dir: string };
  /** Where the project lies in its repository, when that has been asked already. */
  readonly workspace?: Promise<Result<Workspace>>;
  readonly config: Pick<Config, 'services' | 'pipeline'>;
  /** The services' images, when somebody fetches them already. */
  readonly serviceImages?: ServiceImages;
  readonly imageId: string;
  readonly platform: Platform;
  /** The image's Python, `3.11`: with it, a project that is a package is installed in the containers, as pip install -e would. */
  readonly python?: string;
  /** How the files reach the containers: as the engine allows (`auto`, the default), or as asked. */
  readonly workspaceMode?: WorkspaceMode;
  /**
   * Commands get a draft: a copy that nothing comes back from but by `draftChanges`. Its number sets it apart from others in use at the time;
   * the environment's other containers go on as they are.
   */
  readonly draft?: number;
  /** The workspace's files, for a copy; read when absent. */
  readonly contents?: () => Promise<Result<Contents>>;
  /** How long the containers outlive their last use; `PARITY_LEASE_SECONDS`, or half an hour. */
  readonly leaseSeconds?: number;
  /** Memory that each container may use, in bytes; `PARITY_MEMORY` (`512m`, `2g`), or all that the engine has. */
  readonly memoryBytes?: number;
  /** Fresh containers and empty caches, removed at release. */
  readonly cold?: boolean;
  /** Accesses to have ready on return, made side by side; others are made at first use. */
  readonly accesses?: readonly NetworkAccess[];
  /** Where lease, memory, proxies and certificates come from; the process's own by default. */
  readonly hostEnv?: NodeJS.ProcessEnv;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

interface ContainerSession {
  readonly id: string;
  readonly session: Session;
}

/**
 * Opens a project's environment: finds its warm containers, replaces what was made from something else, and makes what is
 * missing when it is first used. Two processes may do so at once. Err: what could not be had, with what to type.
 */
export async function openEnvironment(request: EnvironmentRequest): Promise<Result<Environment>> {
  const ports = checkPorts(request.config.services);
  if (!ports.ok) return ports;
  const gathered = await collectFacts(request);
  return gathered.ok ? await openFrom(request, gathered.value) : gathered;
}

/**
 * The environment when all containers that will surely be used are warm and answer, without a question to the engine, which describes itself
 * from memory. Undefined when something has to be asked of it: then openEnvironment does.
 */
export async function openWarmEnvironment(request: EnvironmentRequest): Promise<Environment | undefined> {
  const { engine, config, cold, accesses = [] } = request;
  // Whether a service is well only the engine knows.
  if (config.services.length > 0 || cold === true || accesses.length === 0) return undefined;
  const info = await engine.describe();
  const recalled = info.ok ? await collectCachedFacts(request, info.value) : undefined;
  if (!info.ok || recalled === undefined) return undefined;
  const plans = new Map<NetworkAccess, StepsPlan>();
  const sessions = new Map<NetworkAccess, Session>();
  const found: ContainerInfo[] = [];
  for (const access of new Set(accesses.map((each) => effectiveAccess(config, each)))) {
    const plan = planSteps(recalled.facts, access);
    const { name, image, labels } = plan.spec;
    const session = await reachDirectly(name, info.value, { leaseSeconds: recalled.leaseSeconds });
    if (session === undefined) {
      for (const other of sessions.values()) other.close();
      return undefined;
    }
    plans.set(access, plan);
    sessions.set(access, session);
    // Engines take a name for an ID.
    found.push({ id: name, name, imageId: image, labels, state: 'running' });
  }
  const opened = await openFrom(request, { ...recalled, found }, { plans, sessions });
  return opened.ok ? opened.value : undefined;
}

/** What is there already of an environment that is being opened. */
interface WarmContainers {
  readonly plans: Map<NetworkAccess, StepsPlan>;
  /** Taken by the seats. */
  readonly sessions: Map<NetworkAccess, Session>;
}

async function openFrom(
  request: EnvironmentRequest,
  { facts, found, leaseSeconds }: CollectedFacts,
  { plans, sessions }: WarmContainers = { plans: new Map(), sessions: new Map() },
): Promise<Result<Environment>> {
  const { engine, signal, emit, hostEnv = process.env } = request;

  const { services } = request.config;
  const images = request.serviceImages ?? serviceImages({ engine, services, platform: request.platform, emit, signal });
  const planOf = (access: NetworkAccess): StepsPlan => {
    const plan = plans.get(access) ?? planSteps(facts, access);
    plans.set(access, plan);
    return plan;
  };
  const warmOf = (access: NetworkAccess): ContainerInfo | undefined =>
    found.find(
      ({ labels, name, state }) =>
        state === 'running' && labels[label.network] === access && name === planOf(access).spec.name,
    );

  const outdatedStopped =
    facts.cold === undefined ? stopOutdatedContainers(engine, found, planOf, facts.draft) : Promise.resolve();
  const containerSessions = new Map<NetworkAccess, Promise<Result<ContainerSession>>>();
  const containers: Partial<Record<NetworkAccess, string>> = {};
  for (const access of ['none', 'services', 'full'] as const) {
    const id = warmOf(access)?.id;
    if (id !== undefined) containers[access] = id;
  }
  const warm = Object.keys(containers).length > 0;
  let released = false;

  async function openContainerSession(access: NetworkAccess): Promise<Result<ContainerSession>> {
    const plan = planOf(access);
    const servicesFirst = access === 'full' && plan.volumes.some((volume) => volume.kind === 'relay');
    const [own, theirs] = await Promise.all([
      openOwnSession(access, plan),
      servicesFirst ? containerSession('services') : undefined,
    ]);
    if (theirs !== undefined && !theirs.ok) return theirs;
    return own;
  }

  async function openOwnSession(access: NetworkAccess, plan: StepsPlan): Promise<Result<ContainerSession>> {
    let container: { readonly id: string; readonly name: string } | undefined = warmOf(access);
    const there = sessions.get(access);
    sessions.delete(access);
    let session =
      there !== undefined
        ? ok(there)
        : container === undefined
          ? undefined
          : await reachSupervisor(engine, container, { leaseSeconds });
    if (container === undefined || session === undefined || !session.ok) {
      const made = await bringUp(access, plan);
      if (!made.ok) return made;
      container = made.value;
      session = await reachSupervisor(engine, container, { leaseSeconds });
      if (!session.ok) return session;
    }
    if (access === 'services') {
      const ready = await ensureServices({
        engine,
        facts,
        images,
        emit,
        signal,
        steps: container,
        session: session.value,
        running: runningServices(found, container.name),
      });
      if (!ready.ok) {
        session.value.close();
        return ready;
      }
    }
    const seat = { id: container.id, session: session.value };
    containers[access] = seat.id;
    // A container that went away is made anew by the next command; the commands in it have their Err.
    void seat.session.closed.then(() => containerSessions.delete(access));
    return ok(seat);
  }

  async function bringUp(access: NetworkAccess, plan: StepsPlan): Promise<Result<{ id: string; name: string }>> {
    const begun = performance.now();
    const event = { phase: 'environment', id: access } as const;
    emit({ ...event, type: 'phase-started', title: `container (network: ${access})` });
    // A service joins this container; until that is there, its image is on its way.
    if (access === 'services') images.fetch();
    // Not loaded by a warm run.
    const { makeStepsContainer } = await import('./make-steps-container.ts');
    const made = await makeStepsContainer(engine, facts, plan, { leaseSeconds, hostEnv, signal });
    const result = made.ok ? (made.value.created ? 'started' : 'already there') : made.error.message;
    emit({ ...event, type: 'phase-finished', durationMs: performance.now() - begun, ok: made.ok, result });
    return made;
  }

  function containerSession(access: NetworkAccess): Promise<Result<ContainerSession>> {
    const known = containerSessions.get(access);
    if (known !== undefined) return known;
    const seat = openContainerSession(access);
    containerSessions.set(access, seat);
    void dropFailed(access, seat);
    return seat;
  }

  async function dropFailed(access: NetworkAccess, seat: Promise<Result<ContainerSession>>): Promise<void> {
    if (!(await seat).ok) containerSessions.delete(access);
  }

  let copy: Promise<Result<WorkspaceCopy>> | undefined;
  let mayHaveChanged = false;
  /** Once for all containers, which share the volume; again when the one that it went through is gone. */
  function copied({ session }: ContainerSession): Promise<Result<WorkspaceCopy>> {
    if (copy !== undefined) return copy;
    const { workspace, folders } = facts;
    const contents = request.contents ?? (() => readContents(workspace.hostRoot, { signal }));
    const opening = import('./workspace-copy.ts').then(({ openCopy }) =>
      openCopy({ session, workspace, folders, contents, emit }),
    );
    copy = opening;
    void session.closed.then(() => (copy = copy === opening ? undefined : copy));
    return opening;
  }

  async function start(command: Command): Promise<Result<RunningCommand>> {
    if (released) throw new Error('parity: a command was started in an environment that was released');
    const seat = await containerSession(effectiveAccess(request.config, command.network));
    if (!seat.ok) return seat;
    if (facts.copied) {
      const ready = await copied(seat.value);
      if (!ready.ok) return ready;
      mayHaveChanged = true;
    }
    return ok(seat.value.session.start(command));
  }

  async function bringBack(): Promise<void> {
    const there = mayHaveChanged && facts.draft === undefined ? await copy : undefined;
    mayHaveChanged = false;
    if (there?.ok) await there.value.bringBack();
  }

  async function draftChanges(): Promise<Result<DraftChanges>> {
    const there = await copy;
    if (there === undefined) return ok({ changes: [], refused: [] });
    return there.ok ? await there.value.changes() : there;
  }

  async function release(): Promise<void> {
    if (released) return;
    released = true;
    await bringBack();
    const there = await copy;
    if (there?.ok) there.value.close();
    for (const seat of await Promise.all(containerSessions.values())) if (seat.ok) seat.value.session.close();
    await outdatedStopped;
    if (facts.cold !== undefined) await removeCold(engine, facts.id, facts.cold);
  }

  const accesses = [...new Set((request.accesses ?? []).map((access) => effectiveAccess(request.config, access)))];
  const early = await Promise.all(accesses.map(containerSession));
  const failed = early.find((seat) => !seat.ok);
  if (failed !== undefined && !failed.ok) {
    await release();
    return failed;
  }
  const seat = early.find((each) => each.ok);
  if (facts.copied && seat?.ok) {
    const ready = await copied(seat.value);
    if (!ready.ok) {
      await release();
      return ready;
    }
    // A shell is started beside the session.
    mayHaveChanged = true;
  }
  return ok({
    id: facts.id,
    imageId: facts.imageId,
    warm,
    containers,
    workspaceDir: facts.workspace.containerProject,
    volumes: folderVolumes(facts),
    start,
    bringBack,
    ...(facts.draft === undefined ? {} : { draftChanges }),
    release,
  });
}

/**
 * Containers of this environment made from something else: those in use end with their last user, idle ones now, and what
 * a killed process left half-made is removed.
 */
async function stopOutdatedContainers(
  engine: Engine,
  found: readonly ContainerInfo[],
  planOf: (access: NetworkAccess) => StepsPlan,
  draft: number | undefined,
): Promise<void> {
  const others = found.filter((container) => {
    const access = container.labels[label.network] as NetworkAccess | undefined;
    if (container.labels[label.kind] !== 'steps' || access === undefined) return false;
    if (container.labels[label.cold] !== undefined) return !isCreatorAlive(container.labels[label.cold]);
    if (container.labels[label.draft] !== draft?.toString()) return false;
    return container.name !== planOf(access).spec.name;
  });
  await Promise.all(
    others.map((container) => {
      if (container.state === 'running') return engine.signalContainer(container.id, 'SIGUSR1');
      return isBeingCreated(container) ? undefined : engine.removeContainer(container.id);
    }),
  );
}

function runningServices(found: readonly ContainerInfo[], stepsName: string): ReadonlyMap<string, string> {
  return new Map(
    found.flatMap((container) => {
      const name = container.labels[label.service];
      const ours = name !== undefined && container.name === `${stepsName}-${name}` && container.state === 'running';
      return ours ? [[name, container.id] as const] : [];
    }),
  );
}
