import type Docker from 'dockerode';
import { platformOf, type Platform } from '../../core/platform.ts';
import type { ContainerInfo, ContainerSpec, ImageInfo, Mount, NetworkInfo, VolumeInfo } from '../engine.ts';

/** The body of a create request. */
export function toCreateBody(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const network = spec.network;
  const aliases = spec.networkAliases ?? [];
  return {
    Image: spec.image,
    ...(spec.entrypoint && { Entrypoint: [...spec.entrypoint] }),
    ...(spec.command && { Cmd: [...spec.command] }),
    Env: toEnv(spec.env),
    Labels: { ...spec.labels },
    ...(spec.user !== undefined && { User: spec.user }),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    ...(spec.hostname !== undefined && { Hostname: spec.hostname }),
    OpenStdin: spec.openStdin ?? false,
    // A client that goes away must not close the process's stdin.
    StdinOnce: false,
    Tty: spec.tty ?? false,
    ...(spec.stopTimeoutSeconds !== undefined && { StopTimeout: spec.stopTimeoutSeconds }),
    ...(spec.publish && { ExposedPorts: Object.fromEntries(spec.publish.map((p) => [`${p.containerPort}/tcp`, {}])) }),
    HostConfig: toHostConfig(spec),
    ...(network !== undefined &&
      aliases.length > 0 && { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...aliases] } } } }),
  };
}

function toHostConfig(spec: ContainerSpec): Docker.HostConfig {
  return {
    AutoRemove: spec.autoRemove ?? false,
    ...(spec.readOnlyRoot !== undefined && { ReadonlyRootfs: spec.readOnlyRoot }),
    ...(spec.mounts && { Mounts: spec.mounts.map(toMount) }),
    ...(spec.network !== undefined && { NetworkMode: spec.network }),
    ...(spec.pidNamespace !== undefined && { PidMode: spec.pidNamespace }),
    ...(spec.extraHosts && { ExtraHosts: [...spec.extraHosts] }),
    ...(spec.sysctls && { Sysctls: { ...spec.sysctls } }),
    ...(spec.publish && {
      // Loopback only: what a step publishes is for this machine.
      PortBindings: Object.fromEntries(
        spec.publish.map((p) => [
          `${p.containerPort}/tcp`,
          [{ HostIp: '127.0.0.1', HostPort: p.hostPort === undefined ? '' : String(p.hostPort) }],
        ]),
      ),
    }),
    ...(spec.capDrop && { CapDrop: [...spec.capDrop] }),
    ...(spec.capAdd && { CapAdd: [...spec.capAdd] }),
    ...(spec.noNewPrivileges === true && { SecurityOpt: ['no-new-privileges'] }),
    ...(spec.pidsLimit !== undefined && { PidsLimit: spec.pidsLimit }),
    // Without MemorySwap the engine adds as much swap again, and the limit is none.
    ...(spec.memoryBytes !== undefined && { Memory: spec.memoryBytes, MemorySwap: spec.memoryBytes }),
    ...(spec.cpus !== undefined && { NanoCpus: Math.round(spec.cpus * 1e9) }),
    ...(spec.shmBytes !== undefined && { ShmSize: spec.shmBytes }),
    ...(spec.init !== undefined && { Init: spec.init }),
    ...(spec.keepOutput === false && { LogConfig: { Type: 'none', Config: {} } }),
  };
}

function toMount(mount: Mount): Docker.MountSettings {
  if (mount.type === 'tmpfs') {
    const options = {
      ...(mount.sizeBytes !== undefined && { SizeBytes: mount.sizeBytes }),
      ...(mount.mode !== undefined && { Mode: mount.mode }),
    };
    return {
      Type: 'tmpfs',
      Source: '',
      Target: mount.target,
      TmpfsOptions: options as Docker.MountSettings['TmpfsOptions'] & {},
    };
  }
  return { Type: mount.type, Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly ?? false };
}

/** `NAME=value` lines, in the record's order. */
export function toEnv(env: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** The `filters` parameter that asks for all of the labels. */
export function toLabelFilter(labels: readonly string[]): string {
  return JSON.stringify({ label: labels });
}

/** A container from its inspection. */
export function fromContainerInspect(raw: Docker.ContainerInspectInfo): ContainerInfo {
  const { State: state } = raw;
  const started = state.StartedAt && !state.StartedAt.startsWith('0001-') ? state.StartedAt : undefined;
  const ended = ['exited', 'dead'].includes(fromState(state.Status));
  return {
    id: raw.Id,
    name: raw.Name.replace(/^\//, ''),
    imageId: raw.Image,
    labels: raw.Config.Labels ?? {},
    state: fromState(state.Status),
    ...(started !== undefined && { startedAt: started }),
    ...(ended && { exitCode: state.ExitCode, oomKilled: state.OOMKilled }),
  };
}

/** A container from a list. */
export function fromContainerListed(raw: Docker.ContainerInfo): ContainerInfo {
  // A linked container is also listed under `/other/alias`; its own name has one slash.
  const name = raw.Names.find((text) => text.lastIndexOf('/') <= 0) ?? raw.Names[0] ?? '';
  return {
    id: raw.Id,
    name: name.replace(/^\//, ''),
    imageId: raw.ImageID,
    labels: raw.Labels ?? {},
    state: fromState(raw.State),
  };
}

function fromState(text: string): ContainerInfo['state'] {
  switch (text) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'exited':
    case 'dead':
      return text;
    // Podman's own words.
    case 'configured':
    case 'initialized':
      return 'created';
    case 'stopping':
      return 'running';
    case 'stopped':
      return 'exited';
    default:
      return 'dead';
  }
}

/** An image from its inspection. */
export function fromImageInspect(raw: Docker.ImageInspectInfo): ImageInfo {
  const config = (raw.Config ?? {}) as Partial<Docker.ImageInspectInfo['Config']>;
  return {
    id: sha256Id(raw.Id),
    tags: raw.RepoTags ?? [],
    repoDigests: raw.RepoDigests ?? [],
    platform: platformOf(raw.Os, raw.Architecture),
    labels: config.Labels ?? {},
    sizeBytes: raw.Size,
    createdAt: raw.Created,
    layers: raw.RootFS?.Layers ?? [],
    entrypoint: listOf(config.Entrypoint),
    command: listOf(config.Cmd),
    env: config.Env ?? [],
    user: config.User ?? '',
    workingDir: config.WorkingDir ?? '',
  };
}

function listOf(value: string | readonly string[] | null | undefined): readonly string[] {
  if (value === null || value === undefined || value === '') return [];
  return typeof value === 'string' ? [value] : value;
}

/** An image ID with its algorithm, which Podman leaves out. */
export function sha256Id(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** A volume. */
export function fromVolume(raw: Docker.VolumeInspectInfo & { CreatedAt?: string }): VolumeInfo {
  return { name: raw.Name, labels: raw.Labels ?? {}, ...(raw.CreatedAt !== undefined && { createdAt: raw.CreatedAt }) };
}

/** A network. */
export function fromNetwork(raw: Docker.NetworkInspectInfo): NetworkInfo {
  return { id: raw.Id, name: raw.Name, labels: raw.Labels ?? {} };
}

/** The platforms that parity knows, of those a registry lists. */
export function fromRemotePlatforms(
  raw: readonly { readonly os?: string; readonly architecture?: string }[],
): readonly Platform[] {
  const known = raw.map((entry) => platformOf(entry.os ?? '', entry.architecture ?? ''));
  return [...new Set(known.filter((platform) => platform !== undefined))];
}
