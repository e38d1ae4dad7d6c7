import type { NetworkAccess } from '../config/config.ts';
import type { ToolchainName } from '../config/toolchains.ts';
import type { Result } from '../core/result.ts';
import type { DraftChanges } from '../workspace/copy/collect-draft.ts';

/**
 * One repo's image, services, volumes and warm containers. Its contract is kept to what any runner can offer: an image by
 * digest, a workspace, and a stream to PID 1, the supervisor.
 */
export interface Environment {
  /** Stable for a project folder: names containers and labels. */
  readonly id: string;
  /** Of the toolchain that it was opened for first. */
  readonly imageId: string;
  /** The project's folder in its containers, absolute: `/workspace/…`. */
  readonly workspaceDir: string;
  /** True when the containers were there already. */
  readonly warm: boolean;
  /** Names of the engine volumes in which folders of the project live for the steps of a toolchain, by folderKey (workspace/mount-points). */
  volumesOf(toolchain: ToolchainName): ReadonlyMap<string, string>;
  /** Containers of that toolchain that are used so far and that no job has for itself, by network access. */
  readonly containers: Readonly<Partial<Record<NetworkAccess, string>>>;
  /**
   * Starts a command under the supervisor in the container of its network access; the container is made at first use.
   * Err when the environment is gone or can't be made; a command that can't start (no such file) exits 127 as in a shell.
   */
  start(command: Command): Promise<Result<RunningCommand>>;
  /** Ends what the commands of a job have left running. */
  endJob(job: string): Promise<void>;
  /**
   * Brings what commands have changed in the workspace back to the host where the engine has a copy of it, and emits what the user should
   * know of it; nothing to do for a mount. `release` does the same, unless no command has started since.
   */
  bringBack(): Promise<void>;
  /** Ends the session: its commands are killed, the lease is renewed one last time, the containers stay warm. */
  release(): Promise<void>;
}

/** An environment whose commands get a draft in the workspace's place: a copy of which nothing is brought back. */
export interface DraftEnvironment extends Environment {
  /** What its commands have changed in the draft so far. Err when the copy can't be asked. */
  draftChanges(): Promise<Result<DraftChanges>>;
}

/** A command as the supervisor runs it. */
export interface Command {
  /** Unique in the session; names the command's frames. */
  readonly name: string;
  /** argv; a step's is `bash -euo pipefail -c RUN`. */
  readonly argv: readonly string[];
  /** argv of what is run in its place when the container has no such program. */
  readonly orElse?: readonly string[];
  /** Absolute path in the container. */
  readonly cwd: string;
  /** Added to the environment's own variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly network: NetworkAccess;
  /** The job whose machine it runs on; what it leaves running goes on until the job ends, and it may pass variables on to later steps. */
  readonly job?: string;
  /** The toolchain in whose image it runs; absent = the default one. */
  readonly toolchain?: string;
  /** Folders before all others in its PATH. */
  readonly path?: readonly string[];
  /** What it reads; /dev/null when absent. It is let go of when the command ends. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}

/** A command that runs. */
export interface RunningCommand {
  /** Both streams in the order of arrival, chunks as they come; ends before `exit` settles. */
  readonly output: AsyncIterable<CommandOutput>;
  /** Settles once. Err `environment-lost` when the container or engine went away under it. */
  readonly exit: Promise<Result<CommandExit>>;
  /** Signals the command's whole process group. */
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}

/** A piece of output. */
export interface CommandOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

/** How a command ended. */
export interface CommandExit {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  /** User and system time of the process group. */
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  /** The kernel killed something in its container for memory while it ran. */
  readonly outOfMemory: boolean;
  /** What a command of a job wrote into the files that GITHUB_ENV, GITHUB_PATH and GITHUB_OUTPUT name. */
  readonly passedOn?: PassedOn;
}

/** The texts of the files by which a step of a job passes something on to later ones; `null` for one that is too large. */
export interface PassedOn {
  readonly env: string | null;
  readonly path: string | null;
  readonly output: string | null;
}
