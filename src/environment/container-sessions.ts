import type { NetworkAccess } from '../config/config.ts';
import type { ToolchainName } from '../config/toolchains.ts';
import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo } from '../engine/engine.ts';
import type { CollectedFacts } from './collect-facts.ts';
import { factsFor, planSteps, toolchainsAtHand, type EnvironmentFacts, type StepsPlan } from './container-plan.ts';
import { label } from './environment-id.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { ensureServices } from './ensure-services.ts';
import { hasServices, machineKey, type Machine } from './machine.ts';
import { labelledMachine } from './outdated-containers.ts';
import { reachSupervisor, sessionOptions } from './reach-supervisor.ts';
import { serviceImages, type ServiceImages } from './service-images.ts';
import type { Session, SessionOptions } from './session.ts';

/** A session with the supervisor of a container. */
export interface ContainerSession {
  /** The container's. */
  readonly id: string;
  readonly session: Session;
}

/** What of an environment was reached before it is opened, by the keys of its machines. */
export interface WarmContainers {
  readonly plans: ReadonlyMap<string, StepsPlan>;
  readonly sessions: ReadonlyMap<string, Session>;
}

/** A container that runs. */
interface RunningContainer {
  readonly id: string;
  readonly name: string;
}

/**
 * An environment's steps containers, one for each machine, and the sessions with their supervisors. Each is reached, or made, when it is first
 * asked for, and again after it has gone.
 */
export class ContainerSessions {
  /** IDs of the containers in use so far that no job has for itself. */
  readonly containers: Partial<Record<NetworkAccess, string>> = {};
  readonly #request: EnvironmentRequest;
  readonly #facts: EnvironmentFacts;
  /** The environment's containers at the time of the opening. */
  readonly #found: readonly ContainerInfo[];
  readonly #leaseSeconds: number;
  readonly #images: ServiceImages;
  /** By the keys of the machines, as are the others. */
  readonly #plans: Map<string, StepsPlan>;
  /** Sessions that were opened beforehand and that nobody has taken yet. */
  readonly #openedBefore: Map<string, Session>;
  readonly #sessions = new Map<string, Promise<Result<ContainerSession>>>();

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
      const { toolchain } = facts;
      const id = this.#warmContainer({ access, ...(toolchain === undefined ? {} : { toolchain }) })?.id;
      if (id !== undefined) this.containers[access] = id;
    }
  }

  /** Whether any of the containers was there already. */
  get areWarm(): boolean {
    return this.#warmMachines().length > 0;
  }

  /** Whether any container of a toolchain was there already. */
  isWarm(toolchain: ToolchainName): boolean {
    return this.#warmMachines().some((machine) => machine.toolchain === toolchain);
  }

  #warmMachines(): readonly Machine[] {
    return this.#found.flatMap(({ labels, name, state }) => {
      const access = labels[label.network] as NetworkAccess | undefined;
      const machine = access === undefined ? undefined : labelledMachine(access, labels);
      return machine !== undefined && state === 'running' && name === this.nameOf(machine) ? [machine] : [];
    });
  }

  /**
   * The name of a machine's container when it is up to date. Undefined where that can't be said, since this environment has no use for its
   * toolchain while a step of the pipeline has.
   */
  nameOf(machine: Machine): string | undefined {
    const { toolchain } = machine;
    if (toolchainsAtHand(this.#facts).includes(toolchain)) return this.#planOf(machine).spec.name;
    const isUsed = this.#facts.config.pipeline.some((step) => step.toolchain === toolchain);
    return isUsed ? undefined : '';
  }

  /** The session with a machine's container, which is made when it is not there. Err: why it can't be had; the next call tries again. */
  of(machine: Machine): Promise<Result<ContainerSession>> {
    const key = machineKey(machine);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = this.#open(machine);
    this.#sessions.set(key, session);
    void this.#dropFailed(key, session);
    return session;
  }

  /** Ends what the steps of a job have left running. */
  async endJob(job: string): Promise<void> {
    for (const opened of await Promise.all(this.#sessions.values())) if (opened.ok) opened.value.session.endJob(job);
  }

  /** Ends all sessions; the containers stay. */
  async close(): Promise<void> {
    for (const opened of await Promise.all(this.#sessions.values())) if (opened.ok) opened.value.session.close();
  }

  async #dropFailed(key: string, session: Promise<Result<ContainerSession>>): Promise<void> {
    if (!(await session).ok) this.#sessions.delete(key);
  }

  #planOf(machine: Machine): StepsPlan {
    const key = machineKey(machine);
    const plan = this.#plans.get(key) ?? planSteps(this.#facts, machine);
    this.#plans.set(key, plan);
    return plan;
  }

  #warmContainer(machine: Machine): ContainerInfo | undefined {
    return this.#found.find(
      ({ labels, name, state }) =>
        state === 'running' && labels[label.network] === machine.access && name === this.nameOf(machine),
    );
  }

  async #open(machine: Machine): Promise<Result<ContainerSession>> {
    const needsServices =
      machine.access === 'full' && this.#planOf(machine).volumes.some(({ kind }) => kind === 'relay');
    const [own, services] = await Promise.all([
      this.#openOwn(machine),
      needsServices ? this.of({ ...machine, access: 'services' }) : undefined,
    ]);
    return services === undefined || services.ok ? own : services;
  }

  /** The session with one container, whatever others it needs. */
  async #openOwn(machine: Machine): Promise<Result<ContainerSession>> {
    const { access, job, clean, toolchain } = machine;
    const reached = (await this.#reachWarm(machine)) ?? (await this.#reachNew(machine));
    if (!reached.ok) return reached;
    const { container, session } = reached.value;
    if (hasServices(this.#facts.config, machine)) {
      const ready = await this.#startServices(container, session);
      if (!ready.ok) {
        session.close();
        return ready;
      }
    }
    if (job === undefined && clean === undefined && toolchain === this.#facts.toolchain)
      this.containers[access] = container.id;
    // A container that went away is made anew by the next command; the commands in it have their Err.
    void session.closed.then(() => this.#sessions.delete(machineKey(machine)));
    return ok({ id: container.id, session });
  }

  get #sessionOptions(): SessionOptions {
    return sessionOptions(this.#request, this.#leaseSeconds);
  }

  /** A session with the container that runs already; undefined when there is none, or when it does not answer. */
  async #reachWarm(machine: Machine): Promise<Result<ReachedContainer> | undefined> {
    const container = this.#warmContainer(machine);
    const before = this.#openedBefore.get(machineKey(machine));
    this.#openedBefore.delete(machineKey(machine));
    if (container === undefined) return undefined;
    if (before !== undefined) return ok({ container, session: before });
    const session = await reachSupervisor(this.#request.engine, container, this.#sessionOptions);
    return session.ok ? ok({ container, session: session.value }) : undefined;
  }

  async #reachNew(machine: Machine): Promise<Result<ReachedContainer>> {
    const container = await this.#makeContainer(machine);
    if (!container.ok) return container;
    const session = await reachSupervisor(this.#request.engine, container.value, this.#sessionOptions);
    return session.ok ? ok({ container: container.value, session: session.value }) : session;
  }

  async #makeContainer(machine: Machine): Promise<Result<RunningContainer>> {
    const { engine, emit, signal, hostEnv = process.env } = this.#request;
    const { access, job, toolchain } = machine;
    const begun = performance.now();
    const event = { phase: 'environment', id: machineKey(machine) } as const;
    const own = job === undefined ? (machine.clean === true ? 'clean checkout, ' : '') : `job: ${job}, `;
    const whose = `${own}${toolchain === undefined ? '' : `toolchain: ${toolchain}, `}`;
    emit({ ...event, type: 'phase-started', title: `container (${whose}network: ${access})` });
    // A service joins this container: its image is fetched while the container is made.
    if (hasServices(this.#facts.config, machine)) this.#images.fetch();
    // Not loaded by a warm run.
    const { makeStepsContainer } = await import('./make-steps-container.ts');
    const plan = this.#planOf(machine);
    const options = { leaseSeconds: this.#leaseSeconds, hostEnv, signal };
    const made = await makeStepsContainer(engine, factsFor(this.#facts, toolchain), plan, options);
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
