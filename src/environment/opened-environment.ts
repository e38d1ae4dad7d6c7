import type { ToolchainName } from '../config/toolchains.ts';
import { isOfService } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { DraftChanges } from '../workspace/copy/collect-draft.ts';
import { readContents } from '../workspace/workspace-contents.ts';
import type { CollectedFacts } from './collect-facts.ts';
import { factsFor, folderVolumes, ownCheckout, type EnvironmentFacts } from './container-plan.ts';
import { ContainerSessions, type ContainerSession, type WarmContainers } from './container-sessions.ts';
import { removeCold } from './end-environment.ts';
import type { Command, DraftEnvironment, RunningCommand } from './environment.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { isInstalled } from './installed-projects.ts';
import { type Machine } from './machine.ts';
import { stopOutdatedContainers } from './outdated-containers.ts';
import { buildMachine, commandMachine, wantedMachines } from './wanted-machines.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

/** An environment between its opening and its release, on any engine that is an Engine. */
export class OpenedEnvironment implements DraftEnvironment {
  readonly id: string;
  readonly imageId: string;
  readonly workspaceDir: string;
  readonly warm: boolean;
  readonly containers: DraftEnvironment['containers'];
  readonly #request: EnvironmentRequest;
  readonly #facts: EnvironmentFacts;
  readonly #sessions: ContainerSessions;
  readonly #outdatedStopped: Promise<void>;
  /** Copies of the workspace that commands have needed: where the engine does not see the files, and checkouts of machines' own, by their keys. */
  readonly #copies = new Map<string | undefined, Promise<Result<WorkspaceCopy>>>();
  /** Commands have had the copy since it was last brought back. */
  #mayHaveChanged = false;
  /** By the names of toolchains. */
  readonly #installed = new Map<ToolchainName, Promise<Result<void>>>();
  #released = false;

  /** Stops outdated containers from here on; `prepare` starts the containers that are wanted. */
  constructor(request: EnvironmentRequest, collected: CollectedFacts, warm?: WarmContainers) {
    const { facts, found } = collected;
    const sessions = new ContainerSessions(request, collected, warm);
    this.id = facts.id;
    this.imageId = facts.imageId;
    this.workspaceDir = facts.workspace.containerProject;
    this.containers = sessions.containers;
    this.warm = sessions.areWarm;
    this.#request = request;
    this.#facts = facts;
    this.#sessions = sessions;
    const inUse = { found, nameOf: (machine: Machine) => sessions.nameOf(machine), draft: facts.draft };
    this.#outdatedStopped =
      facts.cold === undefined ? stopOutdatedContainers(request.engine, inUse) : Promise.resolve();
  }

  /** Starts the containers of the requested machines side by side, and brings the copy up to date where there is one. */
  async prepare(): Promise<Result<void>> {
    const machines = wantedMachines(this.#request);
    const opened = await Promise.all(machines.map((machine) => this.#sessions.of(machine)));
    const failed = opened.filter((session) => !session.ok);
    // Without a service, the machines that need none are there all the same; a command on another one is told why.
    const whole =
      failed.find(({ error }) => !isOfService(error)) ?? (failed.length === opened.length ? failed[0] : undefined);
    if (whole !== undefined) return whole;
    if (opened.length === 0) return ok(undefined);
    for (const toolchain of new Set(machines.map((machine) => machine.toolchain))) {
      const installed = await this.#provideInstalled(toolchain);
      if (!installed.ok) return installed;
    }
    // All of them now: what is edited from here on is seen by none. A shell is started beside the session, so that `start` does not see it.
    const provided = await Promise.all(
      opened.map((session, index) => {
        const machine = machines[index];
        return session.ok && machine !== undefined ? this.#provideCopy(machine, session.value) : ok(undefined);
      }),
    );
    return provided.find((each) => !each.ok) ?? ok(undefined);
  }

  async start(command: Command): Promise<Result<RunningCommand>> {
    if (this.#released) throw new Error('parity: a command was started in an environment that was released');
    const machine = commandMachine(this.#request, command);
    const opened = await this.#sessions.of(machine);
    if (!opened.ok) return opened;
    const installed = await this.#provideInstalled(command.toolchain);
    if (!installed.ok) return installed;
    const provided = await this.#provideCopy(machine, opened.value);
    if (!provided.ok) return provided;
    return ok(opened.value.session.start(command));
  }

  volumesOf(toolchain: ToolchainName): ReadonlyMap<string, string> {
    return folderVolumes(factsFor(this.#facts, toolchain));
  }

  endJob(job: string): Promise<void> {
    return this.#sessions.endJob(job);
  }

  async bringBack(): Promise<void> {
    // What is changed in a checkout of a machine's own stays there, as in CI.
    const copy =
      this.#mayHaveChanged && this.#facts.draft === undefined ? await this.#copies.get(undefined) : undefined;
    this.#mayHaveChanged = false;
    if (copy?.ok) await copy.value.bringBack();
  }

  async draftChanges(): Promise<Result<DraftChanges>> {
    const copy = await this.#copies.get(undefined);
    if (copy === undefined) return ok({ changes: [], refused: [] });
    return copy.ok ? await copy.value.changes() : copy;
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.bringBack();
    for (const copy of await Promise.all(this.#copies.values())) if (copy.ok) copy.value.close();
    await this.#sessions.close();
    await this.#outdatedStopped;
    const { id, cold } = this.#facts;
    if (cold !== undefined) await removeCold(this.#request.engine, id, cold);
  }

  /** Has a machine's copy up to date for a command that may change it; nothing to do for a mount. */
  async #provideCopy(machine: Machine, through: ContainerSession): Promise<Result<void>> {
    const checkout = ownCheckout(this.#facts, machine);
    if (!this.#facts.copied && checkout === undefined) return ok(undefined);
    const copy = await this.#copyThrough(through, checkout);
    if (!copy.ok) return copy;
    this.#mayHaveChanged ||= checkout === undefined;
    return ok(undefined);
  }

  /** Has the repository's own packages built and installed, once for all commands; nothing to do where it has none. */
  #provideInstalled(toolchain: ToolchainName): Promise<Result<void>> {
    const known = this.#installed.get(toolchain);
    if (known !== undefined) return known;
    // One after the other: a build may write into the workspace, which all toolchains share.
    const before = [...this.#installed.values()].at(-1) ?? Promise.resolve();
    const installed = before.then(() => this.#install(toolchain));
    this.#installed.set(toolchain, installed);
    return installed;
  }

  async #install(toolchain: ToolchainName): Promise<Result<void>> {
    const facts = factsFor(this.#facts, toolchain);
    const { build } = facts;
    // A container that was there all the time holds the volume: what was said of it still stands.
    const machine = buildMachine(this.#request, facts);
    const isThere = this.#sessions.isWarm(toolchain) && isInstalled(facts, machine);
    if (build === undefined || machine === undefined || isThere) return ok(undefined);
    const opened = await this.#sessions.of(machine);
    if (!opened.ok) return opened;
    const provided = await this.#provideCopy(machine, opened.value);
    if (!provided.ok) return provided;
    const { installProjects } = await import('./install-projects.ts');
    const { emit, signal } = this.#request;
    return await installProjects({ session: opened.value.session, facts, build, emit, signal });
  }

  /** Once for all containers that share the volume; again when the session that it went through has closed. */
  #copyThrough({ session }: ContainerSession, checkout: string | undefined): Promise<Result<WorkspaceCopy>> {
    const known = this.#copies.get(checkout);
    if (known !== undefined) return known;
    const { emit, signal } = this.#request;
    const facts = this.#facts;
    const { workspace } = facts;
    const contents = this.#request.contents ?? (() => readContents(workspace.hostRoot, { signal }));
    const opening = import('./workspace-copy.ts').then(({ openCopy }) =>
      openCopy({ session, facts, checkout, contents, emit }),
    );
    this.#copies.set(checkout, opening);
    void session.closed.then(() => this.#copies.get(checkout) === opening && this.#copies.delete(checkout));
    return opening;
  }
}
