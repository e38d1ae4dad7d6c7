import type { NetworkAccess, StepConfig } from '../config/config.ts';
import type { ToolchainName } from '../config/toolchains.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import type { Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Contents } from '../workspace/workspace-contents.ts';
import type { ProjectBuild } from '../workspace/project-build.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { MachineFacts } from './machine.ts';
import type { ServiceImages } from './service-images.ts';
import type { WorkspaceMode } from './workspace-mode.ts';

/** The image of a toolchain, and what decides how commands run in it. */
export interface ToolchainImage {
  readonly imageId: string;
  /** The image's Python, `3.11.9`. */
  readonly python?: string;
  /** The repository's own packages, which are built and installed before the first command, as pip install -e would; absent = none. */
  readonly build?: ProjectBuild;
}

/** What an environment is opened from; with the image of the toolchain that is used first. */
export interface EnvironmentRequest extends ToolchainImage {
  /** The name of that toolchain; absent for the default one. */
  readonly toolchain?: ToolchainName;
  /** The images of the other toolchains that commands will use. */
  readonly others?: ReadonlyMap<ToolchainName, ToolchainImage>;
  readonly engine: Engine;
  /** The project's folder on the host. */
  readonly project: { readonly dir: string };
  /** Where the project lies in its repository, when the caller has asked git for it already. */
  readonly workspace?: Promise<Result<Workspace>>;
  readonly config: MachineFacts;
  /** The services' images, when the caller fetches them already. */
  readonly serviceImages?: ServiceImages;
  readonly platform: Platform;
  /** How the files reach the containers: as the engine allows (`auto`, the default), or as requested. */
  readonly workspaceMode?: WorkspaceMode;
  /** The workspace's files, for a copy; read when absent. */
  readonly contents?: () => Promise<Result<Contents>>;
  /** How long the containers outlive their last use; `PARITY_LEASE_SECONDS`, or half an hour. */
  readonly leaseSeconds?: number;
  /** Memory that each container may use, in bytes; `PARITY_MEMORY` (`512m`, `2g`), or all that the engine has. */
  readonly memoryBytes?: number;
  /** Fresh containers and empty caches, removed at release. */
  readonly cold?: boolean;
  /**
   * The commands are those of a run: they find /tmp and HOME as in a new container, unless another client uses the containers already, and the
   * checkout that the config says (`ci.checkout`).
   */
  readonly fresh?: boolean;
  /** Accesses to have ready on return, made side by side; others are made at first use. */
  readonly accesses?: readonly NetworkAccess[];
  /** The steps whose machines to have ready, where their jobs may have some of their own; those of the accesses by default. */
  readonly steps?: readonly Pick<StepConfig, 'network' | 'job' | 'toolchain'>[];
  /** Where lease, memory, proxies and certificates come from; the process's own by default. */
  readonly hostEnv?: NodeJS.ProcessEnv;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/** A request whose commands may get a draft in the workspace's place. */
export interface DraftableRequest extends EnvironmentRequest {
  /**
   * Commands get a draft: a copy of the workspace, of which nothing is brought back. The number tells it from other drafts that are in use at
   * the same time; the environment's other containers go on as they are.
   */
  readonly draft?: number;
}
