import type { Engine } from '../engine.ts';
import type { DockerClient } from './client.ts';
import type { ContainerTerminals } from './container-terminals.ts';
import { fromContainerInspect, fromContainerListed, toLabelFilter } from './convert.ts';
import { shortId } from './short-id.ts';
import { unlessStatus } from './unless-status.ts';

/** The methods of an engine that tell what containers there are, and how they do. */
export type InspectionMethods = Pick<Engine, 'inspectContainer' | 'listContainers' | 'containerMemory'>;

/** Looks at containers through a client. */
export function inspectionMethods(client: DockerClient, terminals: ContainerTerminals): InspectionMethods {
  return {
    inspectContainer: (id) =>
      client.call(`inspect container ${shortId(id)}`, (docker) =>
        unlessStatus(404, undefined, async () => fromContainerInspect(await terminals.inspect(docker, id))),
      ),

    listContainers: (labels) =>
      client.call('list containers', async (docker) => {
        const raw = await docker.listContainers({ all: true, filters: toLabelFilter(labels) });
        return raw.map(fromContainerListed);
      }),

    containerMemory: (id) =>
      client.call(`ask for the memory of container ${shortId(id)}`, async (docker) => {
        const stats = await docker.getContainer(id).stats({ stream: false, 'one-shot': true });
        const { usage, limit } = stats.memory_stats;
        return { usageBytes: usage ?? 0, limitBytes: limit ?? 0 };
      }),
  };
}
