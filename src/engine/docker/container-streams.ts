import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { ok } from '../../core/result.ts';
import type { Engine } from '../engine.ts';
import { openChannel } from './channel.ts';
import { readWhole, type DockerClient } from './client.ts';
import type { ContainerTerminals } from './container-terminals.ts';
import { demultiplex } from './demux.ts';
import { execIn } from './exec-in.ts';
import { shortId } from './short-id.ts';

/** The methods of an engine that read containers' output and write their input. */
export type StreamMethods = Pick<Engine, 'attachContainer' | 'exec' | 'containerLogs'>;

/** Containers' streams through a client. */
export function streamMethods(client: DockerClient, terminals: ContainerTerminals): StreamMethods {
  return {
    async attachContainer(id, { stdin = false, logs = false } = {}) {
      const action = `attach to container ${shortId(id)}`;
      const attached = await client.call(action, async (docker) => {
        const query = { stream: true, stdin, stdout: true, stderr: true, logs };
        // Without `_body` dockerode would send the query as a body too, which could reach the container's stdin.
        const options = { _query: query, _body: {}, hijack: true, stdin };
        const opening = docker.getContainer(id).attach(options as Docker.ContainerAttachOptions) as Promise<unknown>;
        const [socket, tty] = await Promise.allSettled([opening as Promise<Duplex>, terminals.has(docker, id)]);
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

    containerLogs: (id, { tailLines } = {}) =>
      client.call(`read the output of container ${shortId(id)}`, async (docker) => {
        const tty = await terminals.has(docker, id);
        const query = { stdout: true, stderr: true, ...(tailLines !== undefined && { tail: tailLines }) };
        const answer = await client.stream(docker, 'GET', `/containers/${id}/logs`, query);
        return interleaved(answer, tty);
      }),
  };
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
