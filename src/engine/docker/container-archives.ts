import { err, ok } from '../../core/result.ts';
import type { Engine } from '../engine.ts';
import type { DockerClient } from './client.ts';
import { shortId } from './short-id.ts';
import { wholeTar } from './whole-tar.ts';

/** The methods of an engine that put files into containers and take them out. */
export type ArchiveMethods = Pick<Engine, 'putArchive' | 'getArchive'>;

/** Containers' files through a client. */
export function archiveMethods(client: DockerClient): ArchiveMethods {
  return {
    async putArchive(id, path, tar) {
      const put = await client.call(`put files at ${path} of container ${shortId(id)}`, async (docker) => {
        const send = (): Promise<unknown> => docker.getContainer(id).putArchive(tar as Buffer, { path });
        // An engine may answer and hang up before it has read all; the answer is lost then. A buffer can be sent again.
        await send().catch((error: unknown) => {
          if (!Buffer.isBuffer(tar) || (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
          return send();
        });
      });
      // A refusal leaves the rest of the tar unread: destroying it stops its source.
      if (!Buffer.isBuffer(tar)) tar.destroy();
      return put;
    },

    async getArchive(id, path) {
      const action = `read ${path} of container ${shortId(id)}`;
      const got = await client.call(action, (docker) =>
        client.stream(docker, 'GET', `/containers/${id}/archive`, { path }),
      );
      return got.ok ? ok(wholeTar(got.value, client.describeCall(action))) : err(got.error);
    },
  };
}
