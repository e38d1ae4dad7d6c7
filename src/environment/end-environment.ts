import { rm } from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo, Engine, Labels } from '../engine/engine.ts';
import { removeEmptyMountPoints } from '../workspace/mount-points.ts';
import { environmentId, environmentLabel, isCreatorAlive, label, runDir } from './environment-id.ts';
import { reachSupervisor } from './reach-supervisor.ts';

/** What `parity down` ended. */
export interface EndedEnvironment {
  /** Names of the containers that were there. */
  readonly containers: readonly string[];
}

/**
 * Ends a project's containers now, even those in use, and removes the empty folders that volumes were mounted on. Volumes
 * with caches and dependencies stay: `cleanEngine` removes those.
 */
export async function endEnvironment(engine: Engine, projectDir: string): Promise<Result<EndedEnvironment>> {
  const project = await realpath(projectDir).catch(() => projectDir);
  const id = environmentId(project);
  const found = await engine.listContainers([environmentLabel(id)]);
  if (!found.ok) return found;
  const removed = await removeContainers(engine, found.value);
  if (!removed.ok) return removed;
  const volumes = await engine.listVolumes([environmentLabel(id)]);
  if (!volumes.ok) return volumes;
  const paths = volumes.value.flatMap((volume) => volume.labels[label.path] ?? []).sort();
  await removeEmptyMountPoints(
    project,
    paths.map((path) => ({ path })),
  );
  return ok({ containers: found.value.map((container) => container.name) });
}

/** What `parity clean` removed. */
export interface CleanedEngine {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  readonly images: readonly string[];
  /** What the engine uses less than before, in bytes. */
  readonly freedBytes: number;
  /** Containers left alone because a session uses them. */
  readonly inUse: readonly string[];
}

/**
 * Removes everything that carries parity's labels: containers, volumes, networks, images. What a running session of
 * anybody uses stays unless `all`. Touches nothing without the labels.
 */
export async function cleanEngine(engine: Engine, options: { readonly all: boolean }): Promise<Result<CleanedEngine>> {
  const before = await engine.diskUsage();
  if (!before.ok) return before;
  const containers = await engine.listContainers([label.environment]);
  if (!containers.ok) return containers;
  const busy = options.all ? [] : await busyEnvironments(engine, containers.value);
  const free = (labels: Labels): boolean => !busy.includes(labels[label.environment] ?? '');
  const ending = containers.value.filter((container) => free(container.labels));
  const removed = await removeContainers(engine, ending);
  if (!removed.ok) return removed;

  const volumes = await engine.listVolumes([]);
  if (!volumes.ok) return volumes;
  const goneVolumes: string[] = [];
  for (const volume of volumes.value.filter(({ labels }) => isOurs(labels) && free(labels)))
    if (await removeUnused(() => engine.removeVolume(volume.name))) goneVolumes.push(volume.name);

  const networks = await engine.listNetworks([label.environment]);
  if (!networks.ok) return networks;
  const goneNetworks: string[] = [];
  for (const network of networks.value.filter(({ labels }) => free(labels)))
    if (await removeUnused(() => engine.removeNetwork(network.id))) goneNetworks.push(network.name);

  const images = await engine.listImages([]);
  if (!images.ok) return images;
  const inUse = containers.value.filter((container) => !ending.includes(container));
  const needed = new Set(inUse.map((container) => container.imageId));
  const goneImages: string[] = [];
  for (const image of images.value) {
    if (!isOurs(image.labels) || needed.has(image.id)) continue;
    const gone = await engine.removeImage(image.id, { force: true });
    if (gone.ok) goneImages.push(image.tags[0] ?? image.id);
  }
  const after = await engine.diskUsage();
  if (!after.ok) return after;
  const used = (usage: typeof before.value): number => usage.imagesBytes + usage.volumesBytes;
  return ok({
    containers: ending.map(({ name }) => name),
    volumes: goneVolumes,
    networks: goneNetworks,
    images: goneImages,
    freedBytes: Math.max(0, used(before.value) - used(after.value)),
    inUse: inUse.map(({ name }) => name),
  });
}

/** Removes what a `--cold` run made for itself. */
export async function removeCold(engine: Engine, id: string, word: string): Promise<void> {
  const containers = await engine.listContainers([environmentLabel(id), label.cold]);
  if (!containers.ok) return;
  await removeContainers(
    engine,
    containers.value.filter(({ name }) => name.split('-').includes(word)),
  );
  const volumes = await engine.listVolumes([environmentLabel(id), label.cold]);
  if (!volumes.ok) return;
  // Those of cold runs that were killed as well.
  const own = new Set([`${process.pid}`]);
  for (const volume of volumes.value) {
    const creator = volume.labels[label.cold];
    if (own.has(creator?.split('/')[1] ?? '') || !isCreatorAlive(creator))
      await removeUnused(() => engine.removeVolume(volume.name));
  }
}

function isOurs(labels: Labels): boolean {
  return Object.keys(labels).some((name) => name.startsWith('dev.parity.'));
}

/** Ends containers at once; services first, so that none outlives the processes it joined. */
async function removeContainers(engine: Engine, containers: readonly ContainerInfo[]): Promise<Result<void>> {
  const isService = ({ labels }: ContainerInfo): boolean => labels[label.kind] === 'service';
  for (const batch of [containers.filter(isService), containers.filter((container) => !isService(container))]) {
    const outcomes = await Promise.all(batch.map(({ id }) => engine.removeContainer(id)));
    const failed = outcomes.find((outcome) => !outcome.ok);
    if (failed !== undefined) return failed;
  }
  await Promise.all(containers.map(({ name }) => rm(runDir(name), { recursive: true, force: true })));
  return ok(undefined);
}

async function busyEnvironments(engine: Engine, containers: readonly ContainerInfo[]): Promise<readonly string[]> {
  const busy = await Promise.all(
    containers.map(async (container) => {
      if (container.labels[label.kind] !== 'steps' || container.state !== 'running') return [];
      const session = await reachSupervisor(engine, container, { observeOnly: true });
      if (!session.ok) return [];
      session.value.close();
      const used = session.value.ready.sessions > 0 || session.value.ready.commands.length > 0;
      return used ? [container.labels[label.environment] ?? ''] : [];
    }),
  );
  return busy.flat();
}

/** A volume or network is in use for a moment after its container's removal was reported; false when it stays in use. */
async function removeUnused(remove: () => Promise<Result<void>>): Promise<boolean> {
  for (let pauseMs = 20; pauseMs < 1000; pauseMs *= 2) {
    const removed = await remove();
    if (removed.ok) return true;
    if (removed.error.reason !== 'engine-refused') return false;
    await sleep(pauseMs);
  }
  return false;
}
