import type { Duplex, Readable } from 'node:stream';
import type { Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import type { BuildProgress, TransferProgress } from '../core/progress.ts';
import type { Result } from '../core/result.ts';

/**
 * The daemon behind the Docker API (Docker, Podman, Colima …), in parity's types. `engine/docker` speaks to a real
 * one, `engine/fake` is scripted; `test/contract` holds both to what the comments here state.
 *
 * Every method: expected trouble is an Err whose message names the socket or the object and whose `next` is what to type;
 * an aborted `signal` gives an Err with reason `interrupted` and leaves no stream open. Methods may run concurrently.
 */
export interface Engine {
  /** Facts about the daemon; asked once, then cached. */
  describe(): Promise<Result<EngineInfo>>;

  /** An image by reference or ID; `undefined` when the engine has none of that name. */
  inspectImage(ref: string): Promise<Result<ImageInfo | undefined>>;
  /** Images that carry all the labels (`key` or `key=value`). */
  listImages(labels: readonly string[]): Promise<Result<readonly ImageInfo[]>>;
  /** Asks the reference's registry, through the engine, for the index digest and its platforms; pulls nothing. */
  resolveImage(ref: string, options?: { readonly timeoutMs?: number }): Promise<Result<RemoteImage>>;
  /** What `docker login` stored on this machine for the reference's registry (docker config, credential helpers); empty when nothing. */
  registryLogin(ref: string): Promise<Result<RegistryLogin>>;
  pullImage(ref: string, options?: TransferOptions & { readonly platform?: Platform }): Promise<Result<void>>;
  pushImage(ref: string, options?: TransferOptions): Promise<Result<void>>;
  /** Makes a one-layer image of a root file system's tar; `changes` are Dockerfile lines (`ENV A=b`). Gives the image ID. */
  importImage(
    tar: Readable,
    ref: string,
    options?: { readonly changes?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<Result<string>>;
  /** Loads a docker or OCI archive; gives the references or IDs that the engine said it loaded. */
  loadImages(archive: Readable, options?: TransferOptions): Promise<Result<readonly string[]>>;
  /** Streams an archive of the references; an error after the first byte destroys the stream with it. */
  saveImages(refs: readonly string[]): Promise<Result<Readable>>;
  tagImage(ref: string, newRef: string): Promise<Result<void>>;
  /** Idempotent: an image that is not there is a success. */
  removeImage(ref: string, options?: { readonly force?: boolean }): Promise<Result<void>>;
  /** Builds with the engine's own builder (`EngineInfo.builder`); gives the image ID of the target stage. */
  build(options: BuildOptions): Promise<Result<string>>;

  /** Creates a container and does not start it; gives its ID. A name already taken is an Err `name-taken`, even while its container can't be inspected yet. */
  createContainer(spec: ContainerSpec): Promise<Result<string>>;
  /** Idempotent: a running container is a success. */
  startContainer(id: string): Promise<Result<void>>;
  /**
   * Attaches to PID 1's stdin, stdout and stderr before or after the start. The returned channel's three streams end
   * together; `closed` settles exactly once however it ends (end, error, close). Detaching does not end the container.
   */
  attachContainer(
    id: string,
    options?: { readonly stdin?: boolean; readonly logs?: boolean },
  ): Promise<Result<AttachedChannel>>;
  /** Starts a command in a running container. */
  exec(id: string, options: ExecOptions): Promise<Result<ExecProcess>>;
  /** Waits until the container is not running; gives its exit code and whether the kernel killed it for memory. */
  waitContainer(id: string, options?: { readonly signal?: AbortSignal }): Promise<Result<ContainerExit>>;
  inspectContainer(id: string): Promise<Result<ContainerInfo | undefined>>;
  /** All containers, running or not, that carry all the labels. */
  listContainers(labels: readonly string[]): Promise<Result<readonly ContainerInfo[]>>;
  /** The output so far, stdout and stderr in order, at most `tailLines` lines. */
  containerLogs(id: string, options?: { readonly tailLines?: number }): Promise<Result<string>>;
  signalContainer(id: string, signal: NodeJS.Signals): Promise<Result<void>>;
  /** Idempotent, forced; also removes the container's anonymous volumes. */
  removeContainer(id: string): Promise<Result<void>>;
  /** Unpacks a tar (owners and modes kept) at an absolute path of a container, running or not; its volumes are seen. */
  putArchive(id: string, path: string, tar: Readable | Buffer): Promise<Result<void>>;
  /** Streams a path of a container as a tar; Err `engine-refused` when the path is not there. */
  getArchive(id: string, path: string): Promise<Result<Readable>>;
  /** Memory peak and OOM kills of a running container, where the engine reports them. */
  containerMemory(id: string): Promise<Result<{ readonly usageBytes: number; readonly limitBytes: number }>>;

  /** Idempotent: a volume of that name is a success (its labels stay as they were). */
  createVolume(name: string, labels: Labels): Promise<Result<void>>;
  listVolumes(labels: readonly string[]): Promise<Result<readonly VolumeInfo[]>>;
  /** Idempotent. Err `engine-refused` while a container uses it. */
  removeVolume(name: string): Promise<Result<void>>;
  createNetwork(
    name: string,
    options: { readonly internal: boolean; readonly labels: Labels },
  ): Promise<Result<string>>;
  listNetworks(labels: readonly string[]): Promise<Result<readonly NetworkInfo[]>>;
  /** Idempotent. */
  removeNetwork(idOrName: string): Promise<Result<void>>;

  /** Bytes that the engine uses for images, containers, volumes and build cache. */
  diskUsage(): Promise<
    Result<{ readonly imagesBytes: number; readonly volumesBytes: number; readonly buildCacheBytes: number }>
  >;
  /** Closes idle connections. The engine can't be used after it. */
  close(): Promise<void>;
}

/** Labels as the engine keeps them. */
export type Labels = Readonly<Record<string, string>>;

/** Where an engine was found, and why that one. */
export interface Endpoint {
  /** `unix:///…`, `tcp://host:port`, `ssh://user@host`, `npipe://…`. */
  readonly address: string;
  /** Which rule found it, in words: `--host`, `DOCKER_HOST`, `docker context "colima"`, `Docker's socket`, `Podman's rootless socket` … */
  readonly source: string;
  /** TLS material's folder (ca.pem, cert.pem, key.pem) for tcp. */
  readonly tlsDir?: string;
  /** True when the server's certificate is not to be checked, as the docker context or the environment says. */
  readonly tlsSkipVerify?: boolean;
}

/** Facts about a daemon. */
export interface EngineInfo {
  /** Where it was reached: the endpoint's address. */
  readonly address: string;
  readonly product: 'docker' | 'podman' | 'other';
  readonly version: string;
  readonly apiVersion: string;
  /** undefined when it is not one that parity has images for; `os/architecture` in `platformText` all the same. */
  readonly platform: Platform | undefined;
  readonly platformText: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `containerd`: an image ID is the manifest's digest; `graph`: the config's. */
  readonly imageStore: 'graph' | 'containerd';
  readonly builder: 'classic' | 'buildkit';
  readonly rootless: boolean;
  /** True when bind mounts seem to show this machine's files, by address and names: the probe decides (environment/host-files-probe.ts). */
  readonly seesHostFiles: boolean;
  readonly dataRoot: string;
  readonly hostname: string;
  /** The address under which credentials of the registry that references need not name are filed; absent where there is none. */
  readonly defaultRegistry?: string;
}

/** An image that the engine has. */
export interface ImageInfo {
  /** What the engine shows as its ID. */
  readonly id: string;
  readonly tags: readonly string[];
  /** `repository@sha256:…` as pulled or pushed. */
  readonly repoDigests: readonly string[];
  readonly platform: Platform | undefined;
  readonly labels: Labels;
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Diff IDs, base first. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
}

/** What a registry has under a reference. */
export interface RemoteImage {
  /** The digest that the reference resolves to: the index's when it is one. */
  readonly digest: Digest;
  readonly platforms: readonly Platform[];
}

/** Credentials for a registry: a user name and a password, or an identity token. */
export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** Options of an operation that moves images. */
export interface TransferOptions {
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly signal?: AbortSignal;
}

/** What a build needs. */
export interface BuildOptions {
  /** A tar of the build context. */
  readonly context: Readable;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly tags: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Labels;
  readonly noCache?: boolean;
  readonly platform?: Platform;
  /** `default` or `host`. */
  readonly network?: string;
  readonly extraHosts?: readonly string[];
  /** Called with each step's title and each line of output. */
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/** How to make a container. */
export interface ContainerSpec {
  readonly name?: string;
  readonly image: string;
  readonly platform?: Platform;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly labels: Labels;
  readonly user?: string;
  readonly workingDir?: string;
  readonly hostname?: string;
  /** Keeps stdin open for attach. */
  readonly openStdin?: boolean;
  readonly tty?: boolean;
  readonly autoRemove?: boolean;
  readonly readOnlyRoot?: boolean;
  readonly mounts?: readonly Mount[];
  /** `none`, `bridge`, `host`, a network's name, or `container:<id>`. */
  readonly network?: string;
  readonly networkAliases?: readonly string[];
  /** `container:<id>` shares that container's PID namespace and so its end. */
  readonly pidNamespace?: string;
  /** `name:address`. */
  readonly extraHosts?: readonly string[];
  /** Kernel settings of the container's own namespaces, by their names. Where they can't be had, creating or starting it is an Err `sysctl-refused`. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly publish?: readonly { readonly containerPort: number; readonly hostPort?: number }[];
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly pidsLimit?: number;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly shmBytes?: number;
  readonly init?: boolean;
  readonly stopTimeoutSeconds?: number;
  /**
   * False: the engine writes no copy of the output to its disk; attach works, containerLogs and attach's `logs` have nothing.
   * For long-lived containers with much output. True by default.
   */
  readonly keepOutput?: boolean;
}

/** One mount of a container. */
export type Mount =
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readOnly?: boolean }
  | { readonly type: 'volume'; readonly source: string; readonly target: string; readonly readOnly?: boolean }
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes?: number; readonly mode?: number };

/** An attached, demultiplexed stream pair. */
export interface AttachedChannel {
  /** Written bytes reach PID 1's stdin; back-pressure holds. Ends nothing when ended unless the container was made so. */
  readonly stdin: Duplex | NodeJS.WritableStream;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once when the connection is closed, with the error if there was one. */
  readonly closed: Promise<Result<void>>;
  /** Closes the connection; the container goes on. */
  detach(): void;
}

/** A command to run in a running container. */
export interface ExecOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDir?: string;
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
}

/** A running exec. */
export interface ExecProcess {
  readonly stdin: NodeJS.WritableStream | undefined;
  readonly stdout: Readable;
  /** Empty with a tty. */
  readonly stderr: Readable;
  /** Settles after both streams have ended. */
  readonly exitCode: Promise<Result<number>>;
  resize(columns: number, rows: number): Promise<void>;
}

/** How a container ended. */
export interface ContainerExit {
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

/** A container as the engine describes it. */
export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly labels: Labels;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** ISO 8601; absent in lists. */
  readonly startedAt?: string;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
}

/** A volume as the engine describes it. */
export interface VolumeInfo {
  readonly name: string;
  readonly labels: Labels;
  readonly createdAt?: string;
}

/** A network as the engine describes it. */
export interface NetworkInfo {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
}
