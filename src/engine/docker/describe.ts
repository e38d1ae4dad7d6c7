import { hostname } from 'node:os';
import type Docker from 'dockerode';
import { failure } from '../../core/failure.ts';
import { platformOf } from '../../core/platform.ts';
import { err, type Result } from '../../core/result.ts';
import type { Endpoint, EngineInfo } from '../engine.ts';
import type { DockerClient } from './client.ts';

/** Docker 19.03: the oldest API that has what parity uses. */
const oldestApi = { major: 1, minor: 40 };

/** The parts of `/info` and `/version` that parity reads, and the headers of `/_ping`. */
export interface RawFacts {
  readonly info: {
    readonly Name?: string;
    readonly OSType?: string;
    readonly Architecture?: string;
    readonly OperatingSystem?: string;
    readonly NCPU?: number;
    readonly MemTotal?: number;
    readonly DockerRootDir?: string;
    readonly IndexServerAddress?: string;
    readonly DriverStatus?: readonly (readonly string[])[] | null;
    readonly SecurityOptions?: readonly string[] | null;
    readonly Rootless?: boolean;
  };
  readonly version: {
    readonly Version?: string;
    readonly ApiVersion?: string;
    readonly Components?: readonly { readonly Name?: string }[] | null;
  };
  readonly pingHeaders: Readonly<Record<string, string | string[] | undefined>>;
}

/** Asks an engine for its facts; Err `engine-too-old` when its API lacks what parity uses. */
export async function describe(client: DockerClient): Promise<Result<EngineInfo>> {
  const asked = await client.call('ask the engine for its facts', async (docker): Promise<RawFacts> => {
    const [info, version, pingHeaders] = await Promise.all([docker.info(), docker.version(), ping(client, docker)]);
    return { info: info as RawFacts['info'], version: version as RawFacts['version'], pingHeaders };
  });
  if (!asked.ok) return asked;
  const facts = fromFacts(asked.value, client.endpoint, hostname());
  const [major = 0, minor = 0] = facts.apiVersion.split('.').map(Number);
  if (major < oldestApi.major || (major === oldestApi.major && minor < oldestApi.minor))
    return err(
      failure('engine-too-old', `the engine at ${client.endpoint.address} is too old: API ${facts.apiVersion}`, {
        detail: `version ${facts.version}; parity needs API ${oldestApi.major}.${oldestApi.minor} (Docker 19.03) or newer`,
        next: 'update the engine',
      }),
    );
  return { ok: true, value: facts };
}

async function ping(client: DockerClient, docker: Docker): Promise<RawFacts['pingHeaders']> {
  const answer = await client.stream(docker, 'GET', '/_ping');
  answer.resume();
  return answer.headers;
}

/** The facts in parity's words; `ownHostname` is this machine's. */
export function fromFacts(
  { info, version, pingHeaders }: RawFacts,
  endpoint: Endpoint,
  ownHostname: string,
): EngineInfo {
  const components = version.Components?.map((component) => component.Name ?? '') ?? [];
  const podman = components.some((name) => /podman/i.test(name)) || pingHeaders['libpod-api-version'] !== undefined;
  const containerd = info.DriverStatus?.some((row) => row.includes('io.containerd.snapshotter.v1')) ?? false;
  const os = info.OSType ?? '';
  const architecture = info.Architecture ?? '';
  const platform = platformOf(os, architecture);
  return {
    address: endpoint.address,
    product: podman ? 'podman' : components.includes('Engine') ? 'docker' : 'other',
    version: version.Version ?? '',
    apiVersion: version.ApiVersion ?? '',
    platform,
    platformText: platform ?? `${os}/${architecture}`,
    cpus: info.NCPU ?? 1,
    memoryBytes: info.MemTotal ?? 0,
    imageStore: containerd ? 'containerd' : 'graph',
    // With the containerd store, BuildKit can't take a context as a tar (https://github.com/moby/moby/issues/47717).
    builder: pingHeaders['builder-version'] === '2' && !podman && !containerd ? 'buildkit' : 'classic',
    rootless: info.Rootless ?? info.SecurityOptions?.some((option) => /\bname=rootless\b/.test(option)) ?? false,
    seesHostFiles: seesHostFiles(info, endpoint, ownHostname),
    dataRoot: info.DockerRootDir ?? '',
    ...(info.IndexServerAddress ? { defaultRegistry: info.IndexServerAddress } : {}),
    hostname: info.Name ?? '',
  };
}

/**
 * A local socket is no proof: it may have been handed into a container (the engine's host name is another's then). The VMs of
 * Docker Desktop, Colima and Rancher Desktop have names of their own, but they share the user's files.
 */
function seesHostFiles(info: RawFacts['info'], { address, source }: Endpoint, ownHostname: string): boolean {
  if (!/^(?:unix|npipe):/.test(address)) return false;
  if (process.platform !== 'linux' || info.OperatingSystem === 'Docker Desktop') return true;
  return info.Name === ownHostname || /Colima|Rancher/.test(source);
}
