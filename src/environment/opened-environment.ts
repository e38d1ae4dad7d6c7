import { ok, type Result } from '../core/result.ts';
import type { DraftChanges } from '../workspace/copy/collect-draft.ts';
import { readContents } from '../workspace/workspace-contents.ts';
import type { CollectedFacts } from './collect-facts.ts';
import { folderVolumes, machineOf, wantedMachines, type EnvironmentFacts, type Machine } from './container-plan.ts';
import { ContainerSessions, type ContainerSession, type WarmContainers } from './container-sessions.ts';
import { removeCold } from './end-environment.ts';
import type { Command, DraftEnvironment, RunningCommand } from './environment.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { isInstalled } from './installed-projects.ts';
import { stopOutdatedContainers } from './outdated-containers.ts';
import type { WorkspaceCopy } from './workspace-copy.ts';

/** An environment between its opening and its release, on any engine that is an Engine. */
export class OpenedEnvironment implements DraftEnvironment {
  readonly id: string;
  readonly imageId: string;
  readonly workspaceDir: string;
  readonly warm: boolean;
  readonly volumes: ReadonlyMap<string, string>;
  readonly containers: DraftEnvironment['containers'];
  readonly #request: EnvironmentRequest;
  readonly #facts: EnvironmentFacts;
  readonly #sessions: ContainerSessions;
  readonly #outdatedStopped: Promise<void>;
  /** Where the engine does not see the files, once a command has needed them. */
  #copy: Promise<Result<WorkspaceCopy>> | undefined;
  /** Commands have had the copy since it was last brought back. */
  #mayHaveChanged = false;
  #installed: Promise<Result<void>> | undefined;
  #released = false;

  /** Stops outdated containers from here on; `prepare` starts the containers that are wanted. */
  constructor(request: EnvironmentRequest, collected: CollectedFacts, warm?: WarmContainers) {
    const { facts, found } = collected;
    const sessions = new ContainerSessions(request, collected, warm);
    this.id = facts.id;
    this.imageId = facts.imageId;
    this.workspaceDir = facts.workspace.containerProject;
    this.volumes = folderVolumes(facts);
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
    const opened = await Promise.all(wantedMachines(this.#request).map((machine) => this.#sessions.of(machine)));
    const failed = opened.find((session) => !session.ok);
    if (failed !== undefined && !failed.ok) return failed;
    const first = opened.find((session) => session.ok);
    if (first?.ok !== true) return ok(undefined);
    // A shell is started beside the session, so that what it changes is not seen by `start`.
    const provided = await this.#provideCopy(first.value);
    return provided.ok ? await this.#provideInstalled() : provided;
  }

  async start(command: Command): Promise<Result<RunningCommand>> {
    if (this.#released) throw new Error('parity: a command was started in an environment that was released');
    const opened = await this.#sessions.of(machineOf(this.#request.config, command));
    if (!opened.ok) return opened;
    const provided = await this.#provideCopy(opened.value);
    if (!provided.ok) return provided;
    const installed = await this.#provideInstalled();
    if (!installed.ok) return installed;
    return ok(opened.value.session.start(command));
  }

  endJob(job: string): Promise<void> {
    return this.#sessions.endJob(job);
  }

  async bringBack(): Promise<void> {
    const copy = this.#mayHaveChanged && this.#facts.draft === undefined ? await this.#copy : undefined;
    this.#mayHaveChanged = false;
    if (copy?.ok) await copy.value.bringBack();
  }

  async draftChanges(): Promise<Result<DraftChanges>> {
    const copy = await this.#copy;
    if (copy === undefined) return ok({ changes: [], refused: [] });
    return copy.ok ? await copy.value.changes() : copy;
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.bringBack();
    const copy = await this.#copy;
    if (copy?.ok) copy.value.close();
    await this.#sessions.close();
    await this.#outdatedStopped;
    const { id, cold } = this.#facts;
    if (cold !== undefined) await removeCold(this.#request.engine, id, cold);
  }

  /** Has the copy up to date for a command that may change it; nothing to do for a mount. */
  async #provideCopy(through: ContainerSession): Promise<Result<void>> {
    if (!this.#facts.copied) return ok(undefined);
    const copy = await this.#copyThrough(through);
    if (!copy.ok) return copy;
    this.#mayHaveChanged = true;
    return ok(undefined);
  }

  /** Has the repository's own packages built and installed, once for all commands; nothing to do where it has none. */
  #provideInstalled(): Promise<Result<void>> {
    return (this.#installed ??= this.#install());
  }

  async #install(): Promise<Result<void>> {
    const facts = this.#facts;
    const { build } = facts;
    // A container that was there all the time holds the volume: what was said of it still stands.
    if (build === undefined || (this.warm && isInstalled(facts))) return ok(undefined);
    const opened = await this.#sessions.of(machineOf(this.#request.config, build));
    if (!opened.ok) return opened;
    const provided = await this.#provideCopy(opened.value);
    if (!provided.ok) return provided;
    const { installProjects } = await import('./install-projects.ts');
    const { emit, signal } = this.#request;
    return await installProjects({ session: opened.value.session, facts, build, emit, signal });
  }

  /** Once for all containers, which share the volume; again when the session that it went through has closed. */
  #copyThrough({ session }: ContainerSession): Promise<Result<WorkspaceCopy>> {
    if (this.#copy !== undefined) return this.#copy;
    const { emit, signal } = this.#request;
    const { workspace, folders } = this.#facts;
    const contents = this.#request.contents ?? (() => readContents(workspace.hostRoot, { signal }));
    const opening = import('./workspace-copy.ts').then(({ openCopy }) =>
      openCopy({ session, workspace, folders, contents, emit }),
    );
    this.#copy = opening;
    void session.closed.then(() => (this.#copy = this.#copy === opening ? undefined : this.#copy));
    return opening;
  }
}
