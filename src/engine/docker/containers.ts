import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { err, ok } from '../../core/result.ts';
import type { Engine } from '../engine.ts';
import { wholeTar } from './whole-tar.ts';
import { openChannel } from './channel.ts';
import { readWhole, type DockerClient } from './client.ts';
import { fromContainerInspect, fromContainerListed, toCreateBody, toLabelFilter } from './convert.ts';
import { demultiplex } from './demux.ts';
import { statusOf } from './errors.ts';
import { execIn } from './exec-in.ts';

/** The methods of an engine that are about containers. */
export type ContainerMethods = Pick<
  Engine,
  | 'createContainer'
  | 'startContainer'
  | 'attachContainer'
  | 'exec'
  | 'waitContainer'
  | 'inspectContainer'
  | 'listContainers'
  | 'containerLogs'
  | 'signalContainer'
  | 'removeContainer'
  | 'putArchive'
  | 'getArchive'
  | 'containerMemory'
>;

/** Containers through a client. */
export function containerMethods(client: DockerClient): ContainerMethods {
  // Whether a container has a terminal decides how its output is framed; it never changes, so it is asked once.
  const terminals = new Map<string, boolean>();

  async function inspect(docker: Docker, id: string): Promise<Docker.ContainerInspectInfo> {
    const raw = await docker.getContainer(id).inspect();
    terminals.set(id, raw.Config.Tty).set(raw.Id, raw.Config.Tty);
    return raw;
  }
  async function hasTerminal(docker: Docker, id: string): Promise<boolean> {
    return terminals.get(id) ?? (await inspect(docker, id)).Config.Tty;
  }

  return {
    createContainer: (spec) =>
      client.call(`create a container of ${spec.image}`, async (docker) => {
        const query = { ...(spec.name && { name: spec.name }), ...(spec.platform && { platform: spec.platform }) };
        // dockerode would put the whole body, and so every variable's value, into the URL as well.
        const options = { _query: query, _body: toCreateBody(spec) } as Docker.ContainerCreateOptions;
        const { id } = await docker.createContainer(options);
        terminals.set(id, spec.tty ?? false);
        return id;
      }),

    startContainer: (id) =>
      client.call(`start container ${shortId(id)}`, (docker) =>
        unlessStatus(304, undefined, async () => void (await docker.getContainer(id).start())),
      ),

    async attachContainer(id, { stdin = false, logs = false } = {}) {
      const doing = `attach to container ${shortId(id)}`;
      const attached = await client.call(doing, async (docker) => {
        const query = { stream: true, stdin, stdout: true, stderr: true, logs };
        // Without `_body` dockerode would send the query as a body too, which could reach the container's stdin.
        const options = { _query: query, _body: {}, hijack: true, stdin };
        const opening = docker.getContainer(id).attach(options as Docker.ContainerAttachOptions) as Promise<unknown>;
        const [socket, tty] = await Promise.allSettled([opening as Promise<Duplex>, hasTerminal(docker, id)]);
        if (socket.status === 'rejected') throw socket.reason;
        if (tty.status === 'rejected') {
          socket.value.destroy();
          throw tty.reason;
        }
        return { socket: socket.value, tty: tty.value };
      });
      if (!attached.ok) return attached;
      const { socket, tty } = attached.value;
      return ok(
        openChannel(socket, {
          tty,
          stdin,
          engineCall: client.describeCall(`stay attached to container ${shortId(id)}`),
        }),
      );
    },

    exec: (id, options) => execIn(client, id, options),

    async waitContainer(id, { signal } = {}) {
      const doing = `wait for container ${shortId(id)}`;
      return client.call(
        doing,
        async (docker) => {
          const container = docker.getContainer(id);
          const options = signal === undefined ? {} : { abortSignal: signal };
          const { StatusCode: exitCode } = (await container.wait(options)) as { StatusCode: number };
          // An auto-removed container may be gone by now, and with it the word on memory.
          const oomKilled = await unlessStatus(404, false, async () => (await container.inspect()).State.OOMKilled);
          return { exitCode, oomKilled };
        },
        { signal },
      );
    },

    inspectContainer: (id) =>
      client.call(`inspect container ${shortId(id)}`, (docker) =>
        unlessStatus(404, undefined, async () => fromContainerInspect(await inspect(docker, id))),
      ),

    listContainers: (labels) =>
      client.call('list containers', async (docker) => {
        const raw = await docker.listContainers({ all: true, filters: toLabelFilter(labels) });
        return raw.map(fromContainerListed);
      }),

    containerLogs: (id, { tailLines } = {}) =>
      client.call(`read the output of container ${shortId(id)}`, async (docker) => {
        const tty = await hasTerminal(docker, id);
        const query = { stdout: true, stderr: true, ...(tailLines !== undefined && { tail: tailLines }) };
        const answer = await client.stream(docker, 'GET', `/containers/${id}/logs`, query);
        return interleaved(answer, tty);
      }),

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
        terminals.delete(id);
      }),

    async putArchive(id, path, tar) {
      const put = await client.call(`put files at ${path} of container ${shortId(id)}`, async (docker) => {
        await docker.getContainer(id).putArchive(tar as Buffer, { path });
      });
      // A refusal leaves the rest of the tar unread: nobody will read it any more.
      if (!Buffer.isBuffer(tar)) tar.destroy();
      return put;
    },

    async getArchive(id, path) {
      const doing = `read ${path} of container ${shortId(id)}`;
      const got = await client.call(doing, (docker) =>
        client.stream(docker, 'GET', `/containers/${id}/archive`, { path }),
      );
      return got.ok ? ok(wholeTar(got.value, client.describeCall(doing))) : err(got.error);
    },

    containerMemory: (id) =>
      client.call(`ask for the memory of container ${shortId(id)}`, async (docker) => {
        const stats = await docker.getContainer(id).stats({ stream: false, 'one-shot': true });
        const { usage, limit } = stats.memory_stats;
        return { usageBytes: usage ?? 0, limitBytes: limit ?? 0 };
      }),
  };
}

/** The first 12 characters of an ID, or a name as it is. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

/** The call's value, or `instead` when the engine answers with that status. */
export async function unlessStatus<T, U>(status: number, instead: U, run: () => Promise<T>): Promise<T | U> {
  try {
    return await run();
  } catch (error) {
    if (statusOf(error) === status) return instead;
    throw error;
  }
}

async function interleaved(answer: Readable, tty: boolean): Promise<string> {
  if (tty) return (await readWhole(answer)).toString();
  const pieces: Buffer[] = [];
  const output = demultiplex(answer, { tty: false });
  output.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  output.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  const cut = await output.closed;
  if (cut !== undefined) throw cut;
  return Buffer.concat(pieces).toString();
}
