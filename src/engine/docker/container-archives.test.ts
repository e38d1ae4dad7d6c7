import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { ok } from '../../core/result.ts';
import type { DockerClient } from './client.ts';
import { archiveMethods } from './container-archives.ts';

/** An engine that hangs up on the first archives with these codes; gives how many it was sent. */
function engineThatHangsUp(...codes: readonly string[]): { client: DockerClient; sent: () => number } {
  let sent = 0;
  const putArchive = (): Promise<void> => {
    const code = codes[sent];
    sent += 1;
    return code === undefined ? Promise.resolve() : Promise.reject(Object.assign(new Error(code), { code }));
  };
  const docker = { getContainer: () => ({ putArchive }) } as unknown as Docker;
  const client = { call: async (_: string, run: (docker: Docker) => Promise<unknown>) => ok(await run(docker)) };
  return { client: client as unknown as DockerClient, sent: () => sent };
}

it('an archive in memory is sent once more when the engine hangs up on it', async () => {
  const once = engineThatHangsUp('EPIPE');
  expect(await archiveMethods(once.client).putArchive('c', '/', Buffer.from('tar'))).toMatchObject({ ok: true });
  expect(once.sent()).toBe(2);
  const twice = engineThatHangsUp('EPIPE', 'EPIPE');
  await expect(archiveMethods(twice.client).putArchive('c', '/', Buffer.from('tar'))).rejects.toThrow('EPIPE');
});

it('a stream, which is spent, is not, nor is anything after another error', async () => {
  const spent = engineThatHangsUp('EPIPE');
  await expect(archiveMethods(spent.client).putArchive('c', '/', Readable.from(['tar']))).rejects.toThrow('EPIPE');
  const refused = engineThatHangsUp('ECONNREFUSED');
  await expect(archiveMethods(refused.client).putArchive('c', '/', Buffer.from('tar'))).rejects.toThrow('ECONNREFUSED');
  expect([spent.sent(), refused.sent()]).toEqual([1, 1]);
});
