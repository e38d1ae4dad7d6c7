import type { NetworkAccess } from '../config/config.ts';
import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo } from '../engine/engine.ts';
import type { CollectedFacts } from './collect-facts.ts';
import { planSteps, type EnvironmentFacts, type StepsPlan } from './container-plan.ts';
import { label } from './environment-id.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { ensureServices } from './ensure-services.ts';
import { reachSupervisor } from './reach-supervisor.ts';
import { serviceImages, type ServiceImages } from './service-images.ts';
import type { Session } from './session.ts';

/** A session with the supervisor of a container. */
export interface ContainerSession {
  /** The container's. */
  readonly id: string;
  readonly session: Session;
}

/** What of an environment was reached before it is opened. */
export interface WarmContainers {
  readonly plans: ReadonlyMap<NetworkAccess, StepsPlan>;
  readonly sessions: ReadonlyMap<NetworkAccess, Session>;
}

/** A container that runs. */
interface RunningContainer {
  readonly id: string;
  readonly name: string;
}

/**
 * An environment's steps containers, one for each network access, and the sessions with their supervisors. Each is reached, or made, when it
 * is first asked for, and again after it has gone.
 */
export class ContainerSessions {
  /** IDs of the containers in use so far. */
  readonly containers: Partial<Record<NetworkAccess, string>> = {};
  readonly #request: EnvironmentRequest;
  readonly #facts: EnvironmentFacts;
  /** The environment's containers at the time of the opening. */
  readonly #found: readonly ContainerInfo[];
  readonly #leaseSeconds: number;
  readonly #images: ServiceImages;
  readonly #plans: Map<NetworkAccess, StepsPlan>;
  /** Sessions that were opened beforehand and that nobody has taken yet. */
  readonly #openedBefore: Map<NetworkAccess, Session>;
  readonly #sessions = new Map<NetworkAccess, Promise<Result<ContainerSession>>>();

  constructor(
    request: EnvironmentRequest,
    { facts, found, leaseSeconds }: CollectedFacts,
    warm: WarmContainers | undefined,
  ) {
    const { engine, config, platform, emit, signal } = request;
    this.#request = request;
    this.#facts = facts;
    this.#found = found;
    this.#leaseSeconds = leaseSeconds;
    this.#images =
      request.serviceImages ?? serviceImages({ engine, services: config.services, platform, emit, signal });
    this.#plans = new Map(warm?.plans);
    this.#openedBefore = new Map(warm?.sessions);
    for (const access of ['none', 'services', 'full'] as const) {
      const id = this.#warmContainer(access)?.id;
      if (id !== undefined) this.containers[access] = id;
    }
  }

  /** The name of an access's container when it is up to date. */
  nameOf(access: NetworkAccess): string {
    return this.#planOf(access).spec.name;
  }

  /** The session with an access's container, which is made when it is not there. Err: why it can't be had; the next call tries again. */
  of(access: NetworkAccess): Promise<Result<ContainerSession>> {
    const known = this.#sessions.get(access);
    if (known !== undefined) return known;
    const session = this.#open(access);
    this.#sessions.set(access, session);
    void this.#dropFailed(access, session);
    return session;
  }

  /** Ends all sessions; the containers stay. */
  async close(): Promise<void> {
    for (const opened of await Promise.all(this.#sessions.values())) if (opened.ok) opened.value.session.close();
  }

  async #dropFailed(access: NetworkAccess, session: Promise<Result<ContainerSession>>): Promise<void> {
    if (!(await session).ok) this.#sessions.delete(access);
  }

  #planOf(access: NetworkAccess): StepsPlan {
    const plan = this.#plans.get(access) ?? planSteps(this.#facts, access);
    this.#plans.set(access, plan);
    return plan;
  }

  #warmContainer(access: NetworkAccess): ContainerInfo | undefined {
    return this.#found.find(
      ({ labels, name, state }) =>
        state === 'running' && labels[label.network] === access && name === this.nameOf(access),
    );
  }

  async #open(access: NetworkAccess): Promise<Result<ContainerSession>> {
    const needsServices = access === 'full' && this.#planOf(access).volumes.some(({ kind }) => kind === 'relay');
    const [own, services] = await Promise.all([this.#openOwn(access), needsServices ? this.of('services') : undefined]);
    return services === undefined || services.ok ? own : services;
  }

  /** The session with one container, whatever others it needs. */
  async #openOwn(access: NetworkAccess): Promise<Result<ContainerSession>> {
    const reached = (await this.#reachWarm(access)) ?? (await this.#reachNew(access));
    if (!reached.ok) return reached;
    const { container, session } = reached.value;
    if (access === 'services') {
      const ready = await this.#startServices(container, session);
      if (!ready.ok) {
        session.close();
        return ready;
      }
    }
    this.containers[access] = container.id;
    // A container that went away is made anew by the next command; the commands in it have their Err.
    void session.closed.then(() => this.#sessions.delete(access));
    return ok({ id: container.id, session });
  }

  /** A session with the container that runs already; undefined when there is none, or when it does not answer. */
  async #reachWarm(access: NetworkAccess): Promise<Result<ReachedContainer> | undefined> {
    const container = this.#warmContainer(access);
    const before = this.#openedBefore.get(access);
    this.#openedBefore.delete(access);
    if (container === undefined) return undefined;
    if (before !== undefined) return ok({ container, session: before });
    const session = await reachSupervisor(this.#request.engine, container, { leaseSeconds: this.#leaseSeconds });
    return session.ok ? ok({ container, session: session.value }) : undefined;
  }

  async #reachNew(access: NetworkAccess): Promise<Result<ReachedContainer>> {
    const container = await this.#makeContainer(access);
    if (!container.ok) return container;
    const options = { leaseSeconds: this.#leaseSeconds };
    const session = await reachSupervisor(this.#request.engine, container.value, options);
    return session.ok ? ok({ container: container.value, session: session.value }) : session;
  }

  async #makeContainer(access: NetworkAccess): Promise<Result<RunningContainer>> {
    const { engine, emit, signal, hostEnv = process.env } = this.#request;
    const begun = performance.now();
    const event = { phase: 'environment', id: access } as const;
    emit({ ...event, type: 'phase-started', title: `container (network: ${access})` });
    // A service joins this container: its image is fetched while the container is made.
    if (access === 'services') this.#images.fetch();
    // Not loaded by a warm run.
    const { makeStepsContainer } = await import('./make-steps-container.ts');
    const plan = this.#planOf(access);
    const options = { leaseSeconds: this.#leaseSeconds, hostEnv, signal };
    const made = await makeStepsContainer(engine, this.#facts, plan, options);
    const result = made.ok ? (made.value.created ? 'started' : 'already there') : made.error.message;
    emit({ ...event, type: 'phase-finished', durationMs: performance.now() - begun, ok: made.ok, result });
    return made;
  }

  #startServices(steps: RunningContainer, session: Session): Promise<Result<void>> {
    const { engine, emit, signal } = this.#request;
    const running = runningServices(this.#found, steps.name);
    return ensureServices({ engine, facts: this.#facts, images: this.#images, emit, signal, steps, session, running });
  }
}

interface ReachedContainer {
  readonly container: RunningContainer;
  readonly session: Session;
}

/** IDs of the services that run beside a steps container, by the service's name. */
function runningServices(found: readonly ContainerInfo[], stepsName: string): ReadonlyMap<string, string> {
  return new Map(
    found.flatMap((container) => {
      const name = container.labels[label.service];
      const isOurs = name !== undefined && container.name === `${stepsName}-${name}` && container.state === 'running';
      return isOurs ? [[name, container.id] as const] : [];
    }),
  );
}
