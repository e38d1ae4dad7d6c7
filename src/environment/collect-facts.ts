import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostCertificates as readHostCertificates, hostProxies } from '../base/host-network.ts';
import { failure } from '../core/failure.ts';
import { interruption } from '../core/interruption.ts';
import { packageFilesDigest } from '../core/package-file.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ContainerInfo, EngineInfo } from '../engine/engine.ts';
import { makeMountPoints, mountPointIdentities, volumeFolders } from '../workspace/mount-points.ts';
import { containerUser } from '../workspace/container-user.ts';
import { boundFolders } from '../workspace/folder-identity.ts';
import { planWorkspace, type Workspace } from '../workspace/workspace.ts';
import { environmentId, environmentLabel, label } from './environment-id.ts';
import type { DraftableRequest, EnvironmentRequest } from './environment-request.ts';
import type { EnvironmentFacts } from './container-plan.ts';
import { supervisorPaths } from './protocol.ts';
import { mayUseTree } from './wanted-machines.ts';
import { builtInCheckFiles } from './built-in-checks.ts';
import { bytecodeFiles } from './bytecode.ts';
import { installerFile } from './installed-projects.ts';
import { pytestPluginFiles } from './pytest-plugins.ts';
import { cachedHostFilesProbe, probeHostFiles } from './host-files-probe.ts';
import { requestedMode, declaresSharedFiles } from './workspace-mode.ts';

/** The facts that an environment is opened from. */
export interface CollectedFacts {
  readonly facts: EnvironmentFacts;
  /** This environment's containers at the time. */
  readonly found: readonly ContainerInfo[];
  readonly leaseSeconds: number;
}

/**
 * Collects everything side by side: the engine's description and its containers of this environment, git's layout, the host's network. Err: the
 * first part that could not be had.
 */
export async function collectFacts(request: DraftableRequest): Promise<Result<CollectedFacts>> {
  const { engine, signal, hostEnv = process.env } = request;
  const settings = readRequest(request);
  if (!settings.ok) return settings;
  const hostProject = realPathOf(request.project.dir);
  const id = environmentId(hostProject);
  const [info, found, host] = await Promise.all([
    engine.describe(),
    engine.listContainers([environmentLabel(id)]),
    readHost(request, hostProject),
  ]);
  if (signal.aborted) return err(interruption(signal));
  if (!host.ok) return host;
  if (!info.ok) return info;
  if (!found.ok) return found;
  // A `full` container that an earlier command has made: the host's certificates are part of what decides whether it is up to date.
  const hasFullContainer = found.value.some(({ labels }) => labels[label.network] === 'full');
  // The container has to be made, and its variables come from the settings of pip and npm.
  if (!hasFullContainer && request.accesses?.includes('full') === true)
    void import('../base/network-settings.ts').then(({ prefetchClientSettings }) => prefetchClientSettings(hostEnv));
  const { certificates: hostCertificates, workspace } = host.value;
  const certificates =
    hostCertificates === undefined && hasFullContainer ? await certificatesOf(hostEnv) : ok(hostCertificates);
  if (!certificates.ok) return certificates;
  const { imageId, platform } = request;
  const probe = { engine, info: info.value, workspace, environmentId: id, imageId, platform };
  const seesHostFiles = declaresSharedFiles(hostEnv) ? ok(true) : await probeHostFiles(probe);
  if (!seesHostFiles.ok) return seesHostFiles;
  const { mode, folders } = settings.value;
  if (mode === 'mount' && !seesHostFiles.value && request.draft === undefined) return err(cannotMount(info.value));
  // The containers' names depend on the mount points' identities, so the mount points come first.
  const isCopied = usesCopy(request, settings.value, seesHostFiles.value);
  const mountPoints =
    isCopied || !mayUseTree(request)
      ? ok(undefined)
      : await makeMountPoints(workspace.hostProject, sharedFolders(folders));
  if (!mountPoints.ok) return mountPoints;
  const facts = factsOf(request, settings.value, {
    ...host.value,
    certificates: certificates.value,
    id,
    info: info.value,
    seesHostFiles: seesHostFiles.value,
  });
  const leaseSeconds = request.leaseSeconds ?? leaseOf(hostEnv);
  return ok({ facts, found: found.value, leaseSeconds: facts.cold === undefined ? leaseSeconds : 0 });
}

/**
 * The same from the cached description of an engine, which is not asked: what its containers would be made from if nothing has changed since.
 * Undefined when the cache does not suffice.
 */
export async function collectCachedFacts(
  request: EnvironmentRequest,
  info: EngineInfo,
): Promise<Omit<CollectedFacts, 'found'> | undefined> {
  const { hostEnv = process.env } = request;
  const settings = readRequest(request);
  if (!settings.ok || settings.value.mode === 'copy') return undefined;
  const hostProject = realPathOf(request.project.dir);
  const host = await readHost(request, hostProject);
  if (!host.ok) return undefined;
  const seesHostFiles =
    declaresSharedFiles(hostEnv) || (await cachedHostFilesProbe(info, host.value.workspace.hostRoot)) === true;
  if (!seesHostFiles) return undefined;
  const id = environmentId(hostProject);
  const facts = factsOf(request, settings.value, { ...host.value, id, info, seesHostFiles });
  return { facts, leaseSeconds: request.leaseSeconds ?? leaseOf(hostEnv) };
}

interface RequestSettings {
  readonly mode: 'auto' | 'mount' | 'copy';
  readonly folders: EnvironmentFacts['folders'];
  readonly memoryBytes: number | undefined;
}

/** The settings in the request and the host's variables; Err `usage` for one that is invalid. */
function readRequest({
  config,
  workspaceMode,
  memoryBytes,
  hostEnv = process.env,
}: EnvironmentRequest): Result<RequestSettings> {
  const folders = volumeFolders(config.pipeline);
  if (!folders.ok) return folders;
  const mode = requestedMode(workspaceMode, hostEnv);
  if (!mode.ok) return mode;
  const memory = memoryOf(memoryBytes, hostEnv);
  return memory.ok ? ok({ mode: mode.value, folders: folders.value, memoryBytes: memory.value }) : memory;
}

interface HostFacts extends Pick<EnvironmentFacts, 'code' | 'certificates'> {
  readonly workspace: Workspace;
}

/** The host's part of the facts; its certificates only when a container may reach the network. */
async function readHost(request: EnvironmentRequest, hostProject: string): Promise<Result<HostFacts>> {
  const { config, hostEnv = process.env } = request;
  const accesses = [...(request.accesses ?? []), ...config.pipeline.map(({ network }) => network)];
  const [workspace, certificates] = await Promise.all([
    request.workspace ?? planWorkspace(hostProject),
    accesses.includes('full') ? certificatesOf(hostEnv) : ok(undefined),
  ]);
  if (!workspace.ok) return workspace;
  if (!certificates.ok) return certificates;
  return ok({
    workspace: workspace.value,
    certificates: certificates.value,
    code: packageFilesDigest([
      ...supervisorPaths,
      ...pytestPluginFiles,
      ...builtInCheckFiles,
      ...bytecodeFiles,
      installerFile,
    ]),
  });
}

function factsOf(
  request: DraftableRequest,
  { mode, folders, memoryBytes }: RequestSettings,
  host: HostFacts & { readonly id: string; readonly info: EngineInfo; readonly seesHostFiles: boolean },
): EnvironmentFacts {
  const { config, imageId, platform, python, build, toolchain, others, hostEnv = process.env } = request;
  const copied = usesCopy(request, { mode }, host.seesHostFiles);
  return {
    id: host.id,
    config,
    imageId,
    platform,
    workspace: host.workspace,
    folders,
    mountPoints: copied ? [] : mountPointIdentities(host.workspace.hostProject, sharedFolders(folders)),
    boundFolders: copied ? [] : boundFolders(host.workspace.mounts),
    copied,
    ...(request.draft === undefined ? {} : { draft: request.draft }),
    user: containerUser(host.info),
    code: host.code,
    ...(python === undefined ? {} : { python }),
    ...(build === undefined ? {} : { build }),
    ...(toolchain === undefined ? {} : { toolchain }),
    ...(others === undefined ? {} : { others }),
    proxies: hostProxies(hostEnv),
    certificates: host.certificates,
    direct: process.platform === 'linux' && host.seesHostFiles,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(request.cold === true ? { cold: randomBytes(4).toString('hex') } : {}),
  };
}

/** The folders that containers of the work tree have volumes at. */
function sharedFolders(folders: EnvironmentFacts['folders']): EnvironmentFacts['folders'] {
  return folders.filter(({ job }) => job === undefined);
}

function usesCopy(
  { draft }: DraftableRequest,
  { mode }: Pick<RequestSettings, 'mode'>,
  seesHostFiles: boolean,
): boolean {
  return draft !== undefined || mode === 'copy' || !seesHostFiles;
}

async function certificatesOf(hostEnv: NodeJS.ProcessEnv): Promise<Result<Buffer | undefined>> {
  const certificates = await readHostCertificates(hostEnv);
  return certificates.ok ? ok(certificates.value?.pem) : certificates;
}

/** A folder's real path; the path as it is when there is no folder: a later step reports that. */
function realPathOf(dir: string): string {
  try {
    return realpathSync.native(dir);
  } catch {
    return dir;
  }
}

/** The failure of a mount that was requested on an engine that does not see the files. */
function cannotMount({ hostname, version }: EngineInfo): ReturnType<typeof failure> {
  return failure('engine-refused', `The engine (${hostname}, ${version}) does not see this machine's files`, {
    detail: 'a mount was asked for (--workspace mount, or PARITY_WORKSPACE), and there is nothing that it could mount',
    next: [
      'leave that out, and parity copies the project there',
      'parity status   (it says which engine was chosen and why; --host or DOCKER_HOST chooses another)',
    ].join('\n'),
  });
}

function leaseOf(hostEnv: NodeJS.ProcessEnv): number {
  const seconds = Number(hostEnv['PARITY_LEASE_SECONDS']);
  return hostEnv['PARITY_LEASE_SECONDS'] && Number.isFinite(seconds) && seconds >= 0 ? seconds : 1800;
}

function memoryOf(given: number | undefined, hostEnv: NodeJS.ProcessEnv): Result<number | undefined> {
  const text = hostEnv['PARITY_MEMORY'];
  if (given !== undefined || !text) return ok(given);
  const match = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(text.trim());
  if (match?.[1] === undefined)
    return err(
      failure('usage', `PARITY_MEMORY is "${text}", which is no amount of memory`, { next: 'export PARITY_MEMORY=2g' }),
    );
  const unit = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 }[match[2]?.toLowerCase() as '' | 'k' | 'm' | 'g'];
  return ok(Math.round(Number(match[1]) * unit));
}
