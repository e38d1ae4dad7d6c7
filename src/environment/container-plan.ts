import type { NetworkAccess, Service } from '../config/config.ts';
import type { ToolchainName } from '../config/toolchains.ts';
import { canonicalJson, sha256, shortDigest, type Digest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import type { Platform } from '../core/platform.ts';
import { err, ok, type Result } from '../core/result.ts';
import { parityVersion } from '../core/version.ts';
import type { Mount } from '../engine/engine.ts';
import { certificateVariables } from '../workspace/certificates.ts';
import { boundFolders } from '../workspace/folder-identity.ts';
import { folderKey, type VolumeFolder } from '../workspace/mount-points.ts';
import { containerHome, type ContainerUser } from '../workspace/container-user.ts';
import { borrowedObjects, copyStateDir } from '../workspace/copy/protocol.ts';
import { workspaceRoot, type Workspace } from '../workspace/workspace.ts';
import { bytecodeFolder } from './bytecode.ts';
import type { NamedSpec } from './ensure-container.ts';
import type { ToolchainImage } from './environment-request.ts';
import { commonLabels, label } from './environment-id.ts';
import { checkoutKey, hasServices, type Machine, type MachineFacts } from './machine.ts';
import { directDir, directSocket, supervisorCommand } from './protocol.ts';

/** All that an environment's containers are made from. */
export interface EnvironmentFacts extends ToolchainImage {
  readonly id: string;
  readonly config: MachineFacts;
  /** The toolchain whose image it is; absent for the default one. */
  readonly toolchain?: ToolchainName;
  /** The images of the other toolchains in use. */
  readonly others?: ReadonlyMap<ToolchainName, ToolchainImage>;
  readonly platform: Platform;
  readonly workspace: Workspace;
  readonly folders: readonly VolumeFolder[];
  /** Which folders these are on the host now; none for a copy. */
  readonly mountPoints: readonly string[];
  /** Which folders the workspace's mounts are of now; none for a copy. */
  readonly boundFolders: readonly string[];
  /** The engine does not see the workspace: it is copied into a volume. */
  readonly copied: boolean;
  readonly user: ContainerUser;
  /** Digest of parity's code in every container: the supervisor, plugins for pytest, checks. */
  readonly code: Digest;
  /** What `full` containers get of the host's network. */
  readonly proxies: Readonly<Record<string, string>>;
  readonly certificates: Buffer | undefined;
  /** This process shares a kernel with the containers: the supervisor's socket is shared as a folder. */
  readonly direct: boolean;
  readonly memoryBytes?: number;
  /** The number of the draft, when the copy is one: it has volumes of its own, and nothing is brought back from it. */
  readonly draft?: number;
  /** Set for a fresh environment of its own: a random text that its names contain. */
  readonly cold?: string;
}

/** A volume of an environment. */
export interface PlannedVolume {
  readonly name: string;
  readonly kind: 'cache' | 'volume' | 'installed' | 'relay' | 'workspace' | 'workspace-state';
  readonly target: string;
  /** Of a step's volume: relative to the project. */
  readonly path?: string;
}

/** The steps' container of one network access, but for its lease and the folder of its socket, which its name gives. */
export interface StepsPlan {
  readonly access: NetworkAccess;
  readonly spec: NamedSpec;
  readonly volumes: readonly PlannedVolume[];
  /** The workspace in it is a copy in a volume. */
  readonly copied: boolean;
  /** Digest of all that it is made from: another one means another container. */
  readonly generation: string;
}

/** Where tools keep their caches from run to run. */
export const cacheRoot = '/parity/cache';
const relayRoot = '/parity/relay';
const containerHostname = 'parity';
// As on a machine: engines switch IPv6 off where a container has no such network, and /etc/hosts says ::1 for localhost all the same.
const loopbackSettings = { 'net.ipv6.conf.lo.disable_ipv6': '0' };
/** Where the repository's own packages are installed, in the layout of a venv. */
export const installedRoot = '/parity/installed';

/**
 * The variables of every step: CI's, and the caches of tools that key them, in their volume; nothing of the host's. There is no XDG_CACHE_HOME:
 * in CI the caches of all other programs, the project's own among them, begin empty. pytest has no variable for its cache (pytest-plugins.ts).
 */
export const containerVariables: Readonly<Record<string, string>> = {
  CI: 'true',
  TZ: 'UTC',
  LANG: 'C.UTF-8',
  HOME: containerHome,
  MYPY_CACHE_DIR: `${cacheRoot}/mypy`,
  BLACK_CACHE_DIR: `${cacheRoot}/black`,
  RUFF_CACHE_DIR: `${cacheRoot}/ruff`,
  PYTHONPYCACHEPREFIX: bytecodeFolder,
  PIP_CACHE_DIR: `${cacheRoot}/pip`,
  UV_CACHE_DIR: `${cacheRoot}/uv`,
  PRE_COMMIT_HOME: `${cacheRoot}/pre-commit`,
  npm_config_cache: `${cacheRoot}/npm`,
  npm_config_update_notifier: 'false',
  // As images/toolchain.py sets it for the pnpm of before 11.
  pnpm_config_store_dir: `${cacheRoot}/pnpm`,
  // Yarn's 1 has a setting in /etc (make-steps-container.ts): later ones would take its variable for another folder.
  YARN_GLOBAL_FOLDER: `${cacheRoot}/yarn`,
  BUN_INSTALL_CACHE_DIR: `${cacheRoot}/bun`,
};

// npx for a program that no step has installed would ask for it again and again, more than a minute long.
const withoutNetwork: Readonly<Record<string, string>> = { npm_config_fetch_retries: '0' };

/** The facts with a toolchain's image as theirs. Throws for a toolchain whose image was not asked for. */
export function factsFor(facts: EnvironmentFacts, toolchain: ToolchainName): EnvironmentFacts {
  if (toolchain === facts.toolchain) return facts;
  const image = facts.others?.get(toolchain);
  if (image === undefined) throw new Error(`parity: no image of toolchain ${toolchain ?? 'default'} was made ready`);
  const { imageId: _imageId, python: _python, build: _build, toolchain: _toolchain, ...rest } = facts;
  return { ...rest, ...image, ...(toolchain === undefined ? {} : { toolchain }) };
}

/** The toolchains whose images are at hand, the one that is used first before the others. */
export function toolchainsAtHand({
  toolchain,
  others,
}: Pick<EnvironmentFacts, 'toolchain' | 'others'>): readonly ToolchainName[] {
  return [toolchain, ...(others?.keys() ?? [])];
}

/** Err `config-invalid` when two services listen on one port: they share one network, as the steps see both at localhost. */
export function checkPorts(services: readonly Service[]): Result<void> {
  const takers = new Map<number, string>();
  for (const { name, ports } of services) {
    for (const port of ports) {
      const other = takers.get(port);
      if (other !== undefined && other !== name)
        return err(
          failure('config-invalid', `the services "${other}" and "${name}" both listen on port ${port}`, {
            next: `give one of them another port (its own setting, and "ports:" in parity.yaml)`,
          }),
        );
      takers.set(port, name);
    }
  }
  return ok(undefined);
}

/** The checkout of a machine's own, by its key; undefined where it sees the work tree, its copy, or a draft. */
export function ownCheckout({ draft }: Pick<EnvironmentFacts, 'draft'>, machine: Machine): string | undefined {
  return draft === undefined ? checkoutKey(machine) : undefined;
}

/** Whether services are reached from a container that they are not beside: a job's services are beside its own. */
function needsRelays({ config }: EnvironmentFacts, { access, job }: Machine): boolean {
  return (
    job === undefined &&
    access !== 'none' &&
    config.services.some(({ ports }) => ports.length > 0) &&
    config.pipeline.some((step) => step.job === undefined && step.network === 'full')
  );
}

/** What the steps' container of a machine is made from. */
export function planSteps(all: EnvironmentFacts, machine: Machine): StepsPlan {
  const { access, job, toolchain } = machine;
  const facts = factsFor(all, toolchain);
  const { config, workspace, user } = facts;
  const ports = config.services.flatMap((service) => service.ports);
  const relays = needsRelays(facts, machine);
  const checkout = ownCheckout(facts, machine);
  const copied = facts.copied || checkout !== undefined;
  const volumes = planVolumes(facts, { relays, job, checkout });
  const bound = checkout === undefined ? (facts.copied ? [] : workspace.mounts) : borrowedMounts(facts);
  const mounts: Mount[] = [
    ...bound,
    ...volumes.map(({ name, target }): Mount => ({ type: 'volume', source: name, target })),
  ];
  const forwarding = relays
    ? ports.flatMap((port) => {
        const ends = [`tcp:${port}`, `unix:${relayRoot}/${port}`];
        return ['--forwarding', (access === 'full' ? ends : ends.toReversed()).join('=')];
      })
    : [];
  const direct = facts.direct ? ['--direct', `${directDir}/${directSocket}`] : [];
  const spec = {
    image: facts.imageId,
    platform: facts.platform,
    entrypoint: supervisorCommand,
    command: [...direct, ...forwarding, ...(facts.direct || copied ? ['--clock', 'shared'] : [])],
    env: {
      ...containerVariables,
      ...(access === 'full' ? facts.proxies : withoutNetwork),
      ...(access === 'full' && facts.certificates !== undefined ? certificateVariables : {}),
    },
    user: `${user.uid}:${user.gid}`,
    workingDir: workspace.containerProject,
    hostname: containerHostname,
    autoRemove: true,
    mounts,
    network: access === 'full' ? 'bridge' : 'none',
    extraHosts: [containerHostname, ...(access === 'none' ? [] : config.services.map(({ name }) => name))].map(
      (name) => `${name}:127.0.0.1`,
    ),
    sysctls: loopbackSettings,
    capDrop: ['ALL'],
    noNewPrivileges: true,
    pidsLimit: 4096,
    ...(facts.memoryBytes === undefined ? {} : { memoryBytes: facts.memoryBytes }),
    stopTimeoutSeconds: 2,
  };
  const generation = sha256(
    canonicalJson([
      parityVersion,
      facts.code,
      facts.python ?? null,
      // When such a folder is removed, the volume is no longer mounted in the containers that had it there.
      copied ? [] : facts.mountPoints,
      checkout === undefined ? facts.boundFolders : boundFolders(bound),
      spec,
      access === 'full' && facts.certificates !== undefined ? sha256(facts.certificates) : null,
      hasServices(config, machine) ? config.services.map(serviceFacts) : null,
      job ?? null,
      ...(toolchain === undefined ? [] : [toolchain]),
    ]),
  );
  const own = ownName({ ...machine, isOwn: checkout !== undefined });
  const suffix = facts.cold === undefined ? shortDigest(generation).slice(0, 8) : `${facts.cold}${own}`;
  const name = `parity-${facts.id}-${access}-${suffix}`;
  return {
    access,
    generation,
    volumes,
    copied,
    spec: { ...spec, labels: stepsLabels(facts, machine, generation), name },
  };
}

function stepsLabels(
  facts: EnvironmentFacts,
  { access, job, toolchain, clean }: Machine,
  generation: string,
): Readonly<Record<string, string>> {
  return {
    ...commonLabels(facts.id, facts.workspace.hostProject),
    [label.kind]: 'steps',
    [label.network]: access,
    [label.generation]: generation,
    ...(job === undefined ? {} : { [label.job]: job }),
    ...(clean === undefined ? {} : { [label.checkout]: 'clean' }),
    ...(toolchain === undefined ? {} : { [label.toolchain]: toolchain }),
    ...draftLabel(facts),
    ...coldLabel(facts),
  };
}

/** What tells the containers of a cold run apart that have the same access. */
function ownName({ job, toolchain, isOwn }: Pick<Machine, 'job' | 'toolchain'> & { readonly isOwn: boolean }): string {
  if (job === undefined && toolchain === undefined && !isOwn) return '';
  const name = toolchain === undefined ? (job ?? '') : `${job ?? ''}\n${toolchain}`;
  return `-${shortDigest(sha256(name)).slice(0, 4)}`;
}

/** A service's container: it joins the network and the processes of the steps' container, and ends with it. */
export function planService(facts: EnvironmentFacts, service: Service, steps: { id: string; name: string }): NamedSpec {
  return {
    name: `${steps.name}-${service.name}`,
    image: service.image,
    platform: facts.platform,
    ...(service.entrypoint === undefined ? {} : { entrypoint: service.entrypoint }),
    ...(service.command === undefined ? {} : { command: service.command }),
    env: service.env,
    labels: {
      ...commonLabels(facts.id, facts.workspace.hostProject),
      [label.kind]: 'service',
      [label.service]: service.name,
      ...coldLabel(facts),
    },
    autoRemove: true,
    network: `container:${steps.id}`,
    pidNamespace: `container:${steps.id}`,
    // What the entry points of official images need to hand their data folder to an ordinary user and become it.
    capDrop: ['ALL'],
    capAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'KILL', 'NET_BIND_SERVICE'],
    noNewPrivileges: true,
    pidsLimit: 4096,
  };
}

/** The volumes in which folders of the project live: path in the project → name. */
export function folderVolumes(facts: EnvironmentFacts): ReadonlyMap<string, string> {
  return new Map(facts.folders.map((folder) => [folderKey(folder), folderVolume(facts, folder).name]));
}

/** The volume that the repository's own packages are installed in; undefined when it has none. */
export function installedVolume(facts: EnvironmentFacts): string | undefined {
  return planVolumes(facts, {}).find(({ kind }) => kind === 'installed')?.name;
}

/** Labels of a volume. */
export function volumeLabels(facts: EnvironmentFacts, volume: PlannedVolume): Readonly<Record<string, string>> {
  return {
    ...commonLabels(facts.id, facts.workspace.hostProject),
    [label.kind]: volume.kind,
    ...(volume.path === undefined ? {} : { [label.path]: volume.path }),
    ...(volume.kind === 'workspace' || volume.kind === 'workspace-state' ? draftLabel(facts) : {}),
    ...coldLabel(facts),
  };
}

/** The objects of the repository, which a checkout of a machine's own borrows, and those that they borrow; none where the engine does not see them. */
function borrowedMounts({ workspace, copied }: EnvironmentFacts): readonly Mount[] {
  const { objects, mounts } = workspace;
  if (copied || objects === undefined) return [];
  const further = mounts.filter((mount) => mount.type === 'bind' && mount.readOnly === true);
  return [{ type: 'bind', source: objects, target: borrowedObjects, readOnly: true }, ...further];
}

function volumeName({ id, cold }: EnvironmentFacts, kind: string, ...key: readonly string[]): string {
  return `parity-${id}-${kind}-${shortDigest(sha256(canonicalJson([cold ?? '', ...key])))}`;
}

function folderVolume(facts: EnvironmentFacts, { path, job }: VolumeFolder): PlannedVolume {
  const key = [facts.imageId, facts.platform, path, ...(job === undefined ? [] : ['job', job])];
  return {
    kind: 'volume',
    name: volumeName(facts, 'volume', ...key),
    target: `${facts.workspace.containerProject}/${path}`,
    path,
  };
}

function planVolumes(
  facts: EnvironmentFacts,
  machine: { readonly relays?: boolean; readonly job?: string | undefined; readonly checkout?: string | undefined },
): readonly PlannedVolume[] {
  const { relays, job, checkout } = machine;
  const name = (kind: string, ...key: readonly string[]): string => volumeName(facts, kind, ...key);
  const toolchain = [facts.imageId, facts.platform];
  const named = facts.toolchain === undefined ? [] : [facts.toolchain];
  const draft = facts.draft === undefined ? [] : ['draft', String(facts.draft)];
  const tree = checkout === undefined ? draft : ['checkout', checkout];
  return [
    ...(facts.copied || checkout !== undefined
      ? [
          { kind: 'workspace', name: name('workspace', ...tree), target: workspaceRoot } as const,
          { kind: 'workspace-state', name: name('workspace-state', ...tree), target: copyStateDir } as const,
        ]
      : []),
    { kind: 'cache', name: name('cache', ...toolchain), target: cacheRoot },
    ...(facts.build === undefined
      ? []
      : [
          {
            kind: 'installed',
            name: name('installed', ...toolchain, ...draft, ...named),
            target: installedRoot,
          } as const,
        ]),
    ...facts.folders
      .filter((folder) => folder.job === undefined || folder.job === job)
      .map((folder) => folderVolume(facts, folder)),
    ...(relays
      ? [
          {
            kind: 'relay',
            name: name(
              'relay',
              canonicalJson(facts.config.services.map(serviceFacts)),
              ...(checkout === undefined ? [] : ['checkout']),
              ...(named.length === 0 ? [] : ['toolchain', ...named]),
            ),
            target: relayRoot,
          } as const,
        ]
      : []),
  ];
}

function serviceFacts(service: Service): unknown {
  const { name, image, env, command, ports } = service;
  return { name, image, env, command, ports };
}

function draftLabel({ draft }: EnvironmentFacts): Readonly<Record<string, string>> {
  return draft === undefined ? {} : { [label.draft]: String(draft) };
}

function coldLabel(facts: EnvironmentFacts): Readonly<Record<string, string>> {
  const creator = commonLabels(facts.id, '')[label.creator];
  return facts.cold === undefined || creator === undefined ? {} : { [label.cold]: creator };
}
