import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostCertificates, hostProxies } from '../base/host-network.ts';
import { failure } from '../core/failure.ts';
import { interruption } from '../core/interruption.ts';
import { packageFilesDigest } from '../core/package-file.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ContainerInfo, EngineInfo } from '../engine/engine.ts';
import { installableProject } from '../workspace/installed-project.ts';
import { makeMountPoints, mountPointIdentities, volumeFolders } from '../workspace/mount-points.ts';
import { containerUser } from '../workspace/container-user.ts';
import { planWorkspace, type Workspace } from '../workspace/workspace.ts';
import { environmentId, environmentLabel, label } from './environment-id.ts';
import type { DraftableRequest, EnvironmentRequest } from './environment-request.ts';
import type { EnvironmentFacts } from './container-plan.ts';
import { supervisorPaths } from './protocol.ts';
import { builtInCheckFiles } from './built-in-checks.ts';
import { pytestPluginFiles } from './pytest-plugins.ts';
import { cachedHostFilesProbe, probeHostFiles } from './host-files-probe.ts';
import { requestedMode, declaresSharedFiles } from './workspace-mode.ts';

/** What an environment is opened from, found out. */
export interface CollectedFacts {
  readonly facts: EnvironmentFacts;
  /** This environment's containers at the time. */
  readonly found: readonly ContainerInfo[];
  readonly leaseSeconds: number;
}

/** Asks for everything at once: the engine for its facts and containers, git for the layout, the host for its network. */
export async function collectFacts(request: DraftableRequest): Promise<Result<CollectedFacts>> {
  const { engine, signal, hostEnv = process.env } = request;
  const asked = readRequest(request);
  if (!asked.ok) return asked;
  const hostProject = realPathOf(request.project.dir);
  const id = environmentId(hostProject);
  const [info, found, read] = await Promise.all([
    engine.describe(),
    engine.listContainers([environmentLabel(id)]),
    readHost(request, hostProject),
  ]);
  if (signal.aborted) return err(interruption(signal));
  if (!read.ok) return read;
  if (!info.ok) return info;
  if (!found.ok) return found;
  // A container that was made by a command of its own: whether it is still the right one is told by them, too.
  const others = found.value.some(({ labels }) => labels[label.network] === 'full');
  // Its container has to be made, and pip and npm say what goes into it.
  if (!others && request.accesses?.includes('full') === true)
    void import('../base/network-settings.ts').then(({ prefetchClientSettings: askAhead }) => askAhead(hostEnv));
  const { certificates: early, workspace } = read.value;
  const certificates = early === undefined && others ? await certificatesOf(hostEnv) : ok(early);
  if (!certificates.ok) return certificates;
  const { imageId, platform } = request;
  const probe = { engine, info: info.value, workspace, environmentId: id, imageId, platform };
  const sees = declaresSharedFiles(hostEnv) ? ok(true) : await probeHostFiles(probe);
  if (!sees.ok) return sees;
  const { mode } = asked.value;
  if (mode === 'mount' && !sees.value && request.draft === undefined) return err(cannotMount(info.value));
  // They must be there before anything is named after them.
  const isCopied = usesCopy(request, asked.value, sees.value);
  const points = isCopied ? ok(undefined) : await makeMountPoints(workspace.hostProject, asked.value.folders);
  if (!points.ok) return points;
  const facts = factsOf(request, asked.value, {
    ...read.value,
    certificates: certificates.value,
    id,
    info: info.value,
    sees: sees.value,
  });
  const leaseSeconds = request.leaseSeconds ?? leaseOf(hostEnv);
  return ok({ facts, found: found.value, leaseSeconds: facts.cold === undefined ? leaseSeconds : 0 });
}

/**
 * The same of an engine that is known and not asked: what its containers would be made from if nothing has changed since. Undefined when that
 * can't be told.
 */
export async function collectCachedFacts(
  request: EnvironmentRequest,
  info: EngineInfo,
): Promise<Omit<CollectedFacts, 'found'> | undefined> {
  const { hostEnv = process.env } = request;
  const asked = readRequest(request);
  if (!asked.ok || asked.value.mode === 'copy') return undefined;
  const hostProject = realPathOf(request.project.dir);
  const read = await readHost(request, hostProject);
  if (!read.ok) return undefined;
  const sees =
    declaresSharedFiles(hostEnv) || (await cachedHostFilesProbe(info, read.value.workspace.hostRoot)) === true;
  if (!sees) return undefined;
  const facts = factsOf(request, asked.value, { ...read.value, id: environmentId(hostProject), info, sees });
  return { facts, leaseSeconds: request.leaseSeconds ?? leaseOf(hostEnv) };
}

interface RequestSettings {
  readonly mode: 'auto' | 'mount' | 'copy';
  readonly folders: EnvironmentFacts['folders'];
  readonly memoryBytes: number | undefined;
}

/** What the request and the host's variables say; Err for what makes no sense. */
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
  readonly installed: EnvironmentFacts['installed'] | undefined;
}

/** What this machine says; its certificates only for containers that may reach out. */
async function readHost(request: EnvironmentRequest, hostProject: string): Promise<Result<HostFacts>> {
  const { config, python, hostEnv = process.env } = request;
  const accesses = [...(request.accesses ?? []), ...config.pipeline.map(({ network }) => network)];
  const [workspace, certificates, installed] = await Promise.all([
    request.workspace ?? planWorkspace(hostProject),
    accesses.includes('full') ? certificatesOf(hostEnv) : ok(undefined),
    python === undefined ? undefined : installableProject(hostProject, python),
  ]);
  if (!workspace.ok) return workspace;
  if (!certificates.ok) return certificates;
  return ok({
    workspace: workspace.value,
    certificates: certificates.value,
    code: packageFilesDigest([...supervisorPaths, ...pytestPluginFiles, ...builtInCheckFiles]),
    installed,
  });
}

function factsOf(
  request: DraftableRequest,
  { mode, folders, memoryBytes }: RequestSettings,
  host: HostFacts & { readonly id: string; readonly info: EngineInfo; readonly sees: boolean },
): EnvironmentFacts {
  const { config, imageId, platform, python, hostEnv = process.env } = request;
  const copied = usesCopy(request, { mode }, host.sees);
  return {
    id: host.id,
    config,
    imageId,
    platform,
    workspace: host.workspace,
    folders,
    mountPoints: copied ? [] : mountPointIdentities(host.workspace.hostProject, folders),
    copied,
    ...(request.draft === undefined ? {} : { draft: request.draft }),
    user: containerUser(host.info),
    code: host.code,
    ...(python === undefined ? {} : { python }),
    ...(host.installed === undefined ? {} : { installed: host.installed }),
    proxies: hostProxies(hostEnv),
    certificates: host.certificates,
    direct: process.platform === 'linux' && host.sees,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(request.cold === true ? { cold: randomBytes(4).toString('hex') } : {}),
  };
}

function usesCopy({ draft }: DraftableRequest, { mode }: Pick<RequestSettings, 'mode'>, sees: boolean): boolean {
  return draft !== undefined || mode === 'copy' || !sees;
}

async function certificatesOf(hostEnv: NodeJS.ProcessEnv): Promise<Result<Buffer | undefined>> {
  const certificates = await hostCertificates(hostEnv);
  return certificates.ok ? ok(certificates.value?.pem) : certificates;
}

/** A folder's real path; itself when it is not there, which is told where it matters. */
function realPathOf(dir: string): string {
  try {
    return realpathSync.native(dir);
  } catch {
    return dir;
  }
}

/** The failure of a mount that was asked for on an engine that does not see the files. */
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
