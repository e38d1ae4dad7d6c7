import type { Engine } from '../engine.ts';
import type { DockerClient } from './client.ts';
import { unlessStatus } from './unless-status.ts';
import { fromNetwork, fromVolume, toLabelFilter } from './convert.ts';

/** The methods of an engine that are about volumes and networks. */
export type StorageMethods = Pick<
  Engine,
  'createVolume' | 'listVolumes' | 'removeVolume' | 'createNetwork' | 'listNetworks' | 'removeNetwork' | 'diskUsage'
>;

/** Volumes and networks through a client. */
export function storageMethods(client: DockerClient): StorageMethods {
  return {
    createVolume: (name, labels) =>
      client.call(`create volume ${name}`, async (docker) => {
        await unlessStatus(409, undefined, () => docker.createVolume({ Name: name, Labels: { ...labels } }));
      }),

    listVolumes: (labels) =>
      client.call('list volumes', async (docker) => {
        const { Volumes: raw } = await docker.listVolumes({ filters: toLabelFilter(labels) });
        return (raw ?? []).map(fromVolume);
      }),

    removeVolume: (name) =>
      client.call(`remove volume ${name}`, async (docker) => {
        await unlessStatus(404, undefined, () => docker.getVolume(name).remove());
      }),

    createNetwork: (name, { internal, labels }) =>
      client.call(`create network ${name}`, async (docker) => {
        const body = { Name: name, Internal: internal, Labels: { ...labels }, CheckDuplicate: true };
        return (await docker.createNetwork(body)).id;
      }),

    listNetworks: (labels) =>
      client.call('list networks', async (docker) => {
        const raw = await docker.listNetworks({ filters: toLabelFilter(labels) });
        return raw.map(fromNetwork);
      }),

    removeNetwork: (idOrName) =>
      client.call(`remove network ${idOrName}`, async (docker) => {
        await unlessStatus(404, undefined, () => docker.getNetwork(idOrName).remove());
      }),

    diskUsage: () =>
      client.call('ask for disk usage', async (docker) => {
        const raw = (await docker.df()) as DiskUsage;
        const sum = (sizes: readonly (number | undefined)[]): number =>
          sizes.reduce<number>((total, size) => total + Math.max(0, size ?? 0), 0);
        return {
          imagesBytes: raw.LayersSize ?? 0,
          volumesBytes: sum((raw.Volumes ?? []).map((volume) => volume.UsageData?.Size)),
          buildCacheBytes: sum((raw.BuildCache ?? []).filter((entry) => !entry.Shared).map((entry) => entry.Size)),
        };
      }),
  };
}

interface DiskUsage {
  readonly LayersSize?: number;
  readonly Volumes?: readonly { readonly UsageData?: { readonly Size?: number } }[] | null;
  readonly BuildCache?: readonly { readonly Size?: number; readonly Shared?: boolean }[] | null;
}
