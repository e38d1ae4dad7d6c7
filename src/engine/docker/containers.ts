import type Docker from 'dockerode';
import type { Engine } from '../engine.ts';
import type { DockerClient } from './client.ts';
import { archiveMethods, type ArchiveMethods } from './container-archives.ts';
import { inspectionMethods, type InspectionMethods } from './container-inspection.ts';
import { streamMethods, type StreamMethods } from './container-streams.ts';
import { ContainerTerminals } from './container-terminals.ts';
import { toCreateBody } from './convert.ts';
import { statusOf } from './errors.ts';
import { shortId } from './short-id.ts';
import { unlessStatus } from './unless-status.ts';

/** The methods of an engine that are about a container's life. */
type LifecycleMethods = Pick<
  Engine,
  'createContainer' | 'startContainer' | 'waitContainer' | 'signalContainer' | 'removeContainer'
>;

/** The methods of an engine that are about containers. */
export type ContainerMethods = LifecycleMethods & InspectionMethods & StreamMethods & ArchiveMethods;

/** Containers through a client. */
export function containerMethods(client: DockerClient): ContainerMethods {
  const terminals = new ContainerTerminals();
  return {
    ...lifecycleMethods(client, terminals),
    ...inspectionMethods(client, terminals),
    ...streamMethods(client, terminals),
    ...archiveMethods(client),
  };
}

function lifecycleMethods(client: DockerClient, terminals: ContainerTerminals): LifecycleMethods {
  return {
    createContainer: (spec) =>
      client.call(`create a container of ${spec.image}`, async (docker) => {
        const query = { ...(spec.name && { name: spec.name }), ...(spec.platform && { platform: spec.platform }) };
        // dockerode would put the whole body, and so every variable's value, into the URL as well.
        const options = { _query: query, _body: toCreateBody(spec) } as Docker.ContainerCreateOptions;
        const { id } = await docker.createContainer(options);
        terminals.add(id, spec.tty ?? false);
        return id;
      }),

    startContainer: (id) =>
      client.call(`start container ${shortId(id)}`, (docker) =>
        unlessStatus(304, undefined, async () => void (await docker.getContainer(id).start())),
      ),

    async waitContainer(id, { signal } = {}) {
      const action = `wait for container ${shortId(id)}`;
      return client.call(
        action,
        async (docker) => {
          const container = docker.getContainer(id);
          const options = signal === undefined ? {} : { abortSignal: signal };
          const { StatusCode: exitCode } = (await container.wait(options)) as { StatusCode: number };
          // An auto-removed container may be gone by now, and with it the OOM flag.
          const oomKilled = await unlessStatus(404, false, async () => (await container.inspect()).State.OOMKilled);
          return { exitCode, oomKilled };
        },
        { signal },
      );
    },

    signalContainer: (id, signal) =>
      client.call(`send ${signal} to container ${shortId(id)}`, async (docker) => {
        await docker.getContainer(id).kill({ signal });
      }),

    removeContainer: (id) =>
      client.call(`remove container ${shortId(id)}`, async (docker) => {
        const container = docker.getContainer(id);
        try {
          await container.remove({ force: true, v: true });
        } catch (error) {
          // "removal of container 0f3a is already in progress": auto-removal or someone else; it is gone when that is over.
          if (statusOf(error) === 409)
            await unlessStatus(404, undefined, () => container.wait({ condition: 'removed' }));
          else if (statusOf(error) !== 404) throw error;
        }
        terminals.remove(id);
      }),
  };
}
