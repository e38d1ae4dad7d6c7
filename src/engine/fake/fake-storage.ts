import { sha256 } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok } from '../../core/result.ts';
import type { StorageMethods } from '../docker/storage.ts';
import { carriesAll, type FakeState } from './fake-state.ts';

/** The fake's volumes and networks. */
export function fakeStorageMethods(state: FakeState): StorageMethods {
  const { volumes, networks, containers } = state;
  return {
    async createVolume(name, labels) {
      state.ensureVolume(name, labels);
      return ok(undefined);
    },
    listVolumes: async (labels) => ok(volumes.filter((volume) => carriesAll(volume.labels, labels))),
    async removeVolume(name) {
      const used = containers.some(({ spec }) =>
        spec.mounts?.some((mount) => mount.type === 'volume' && mount.source === name),
      );
      if (used)
        return err(failure('engine-refused', `could not remove volume ${name}`, { detail: 'volume is in use' }));
      const at = volumes.findIndex((volume) => volume.name === name);
      if (at >= 0) volumes.splice(at, 1);
      return ok(undefined);
    },
    async createNetwork(name, { labels }) {
      if (networks.some((network) => network.name === name))
        return err(
          failure('engine-refused', `could not create network ${name}`, {
            detail: `network with name ${name} already exists`,
          }),
        );
      const id = sha256(`network ${state.count()}`).slice('sha256:'.length);
      networks.push({ id, name, labels });
      return ok(id);
    },
    listNetworks: async (labels) => ok(networks.filter((network) => carriesAll(network.labels, labels))),
    async removeNetwork(idOrName) {
      const at = networks.findIndex((network) => network.id === idOrName || network.name === idOrName);
      if (at >= 0) networks.splice(at, 1);
      return ok(undefined);
    },
    diskUsage: async () =>
      ok({
        imagesBytes: state.images.reduce((sum, image) => sum + image.sizeBytes, 0),
        volumesBytes: 0,
        buildCacheBytes: 0,
      }),
  };
}
