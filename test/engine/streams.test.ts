import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { ContainerSpec, Engine } from '../../src/engine/engine.ts';
import { contractLabel, must, take } from '../contract/engine-contract.ts';
import { cuttableSocket, type CuttableSocket } from '../support/cuttable-socket.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { tinyRootFs } from '../support/tiny-image.ts';

const total = 200_000_000;
// 32 bytes a line, so that a lost or doubled piece shifts all that follows.
const flood = ['sh', '-c', `yes 0123456789abcdef0123456789abcde | head -c ${total}`];
const line = Buffer.from('0123456789abcdef0123456789abcde\n');
const block = Buffer.concat(Array.from({ length: 4096 }, () => line));

/** Reads a flood slowly; gives what it was and how much was held at most. */
async function measure(
  stream: Readable,
): Promise<{ bytes: number; intact: boolean; mostHeld: number; grownBytes: number }> {
  const before = process.memoryUsage().rss;
  let [bytes, intact, mostHeld, mostUsed] = [0, true, 0, before];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const at = bytes % line.length;
    for (let done = 0; done < chunk.length && intact; done += block.length - line.length) {
      const piece = chunk.subarray(done, done + block.length - line.length);
      const start = (at + done) % line.length;
      intact = piece.equals(block.subarray(start, start + piece.length));
    }
    bytes += chunk.length;
    mostHeld = Math.max(mostHeld, stream.readableLength);
    mostUsed = Math.max(mostUsed, process.memoryUsage.rss());
    // The event loop gets round to reading more, were there no back-pressure.
    await new Promise(setImmediate);
  }
  return { bytes, intact, mostHeld, grownBytes: mostUsed - before };
}

for (const one of testEngines()) {
  describe(`streams of ${one.name}`, () => {
    const run = randomBytes(4).toString('hex');
    const labels = { [contractLabel]: run };
    const image = `parity-streams-${run}:base`;
    let engine: Engine;
    const sockets: CuttableSocket[] = [];

    const runOne = async (spec: Partial<ContainerSpec>): Promise<string> => {
      const id = must(await engine.createContainer({ image, labels, network: 'none', ...spec }));
      must(await engine.startContainer(id));
      return id;
    };
    const breakable = async (): Promise<{ engine: Engine; socket: CuttableSocket }> => {
      const socket = await cuttableSocket(addressOf(one));
      sockets.push(socket);
      return { engine: createDockerEngine({ address: socket.address, source: 'test engine' }), socket };
    };

    beforeAll(async () => {
      engine = createDockerEngine({ address: addressOf(one), source: 'test engine' });
      const changes = [`LABEL ${contractLabel}=${run}`, 'CMD ["cat"]'];
      must(await engine.importImage(tinyRootFs(), image, { changes }));
    });
    afterAll(async () => {
      const wanted = [`${contractLabel}=${run}`];
      for (const { id } of must(await engine.listContainers(wanted))) must(await engine.removeContainer(id));
      must(await engine.removeImage(image));
      for (const socket of sockets) await socket.close();
    });

    it('carry 200 MB of an exec through little memory', async () => {
      const id = await runOne({ openStdin: true });
      const exec = must(await engine.exec(id, { command: flood }));
      exec.stderr.resume();
      const { grownBytes, ...measured } = await measure(exec.stdout);
      expect(measured).toEqual({ bytes: total, intact: true, mostHeld: expect.any(Number) });
      expect(measured.mostHeld).toBeLessThan(1_000_000);
      expect(grownBytes).toBeLessThan(80_000_000);
      expect(must(await exec.exitCode)).toBe(0);
    });

    it('carry 200 MB of an attached container that keeps no copy', async () => {
      const id = must(
        await engine.createContainer({ image, labels, network: 'none', command: flood, keepOutput: false }),
      );
      const channel = must(await engine.attachContainer(id));
      channel.stderr.resume();
      const measuring = measure(channel.stdout);
      must(await engine.startContainer(id));
      const { grownBytes, ...measured } = await measuring;
      expect(measured).toEqual({ bytes: total, intact: true, mostHeld: expect.any(Number) });
      expect(measured.mostHeld).toBeLessThan(1_000_000);
      expect(grownBytes).toBeLessThan(80_000_000);
      must(await channel.closed);
      expect(must(await engine.waitContainer(id)).exitCode).toBe(0);
    });

    it('carry 20 MB of stdin with back-pressure', async () => {
      const id = await runOne({ openStdin: true });
      const exec = must(await engine.exec(id, { command: ['sh', '-c', 'cat | wc -c'], stdin: true }));
      exec.stderr.resume();
      const said = exec.stdout.toArray();
      const piece = Buffer.alloc(1_000_000, 'x');
      let waited = 0;
      for (let turn = 0; turn < 20; turn += 1) {
        if (exec.stdin?.write(piece)) continue;
        waited += 1;
        await new Promise((resolve) => exec.stdin?.once('drain', resolve));
      }
      exec.stdin?.end();
      expect(
        Buffer.concat(await said)
          .toString()
          .trim(),
      ).toBe('20000000');
      expect(waited).toBeGreaterThan(0);
    });

    it('tell that the engine died', async () => {
      const { engine: dying, socket } = await breakable();
      const id = await runOne({ openStdin: true });
      const channel = must(await dying.attachContainer(id, { stdin: true }));
      channel.stdin.write('there\n');
      expect((await take(channel.stdout, 6)).toString()).toBe('there\n');
      const exec = must(await dying.exec(id, { command: ['sh', '-c', 'echo begun; sleep 600'] }));
      expect((await take(exec.stdout, 6)).toString()).toBe('begun\n');
      const before = socket.connections();
      const waiting = dying.waitContainer(id);
      await vi.waitUntil(() => socket.connections() > before);
      const rest = Promise.allSettled([channel.stdout.toArray(), channel.stderr.toArray(), exec.stderr.toArray()]);
      socket.cut();
      await channel.closed;
      await rest;
      const lost = { ok: false, error: { message: expect.stringContaining(socket.address), next: expect.any(String) } };
      const reasons = expect.stringMatching(/^engine-(?:unreachable|not-found|not-running)$/);
      expect(await exec.exitCode).toMatchObject({ ...lost, error: { ...lost.error, reason: reasons } });
      expect(await waiting).toMatchObject({ ...lost, error: { ...lost.error, reason: 'engine-unreachable' } });
      expect(await dying.inspectContainer(id)).toMatchObject({ ok: false, error: { reason: reasons } });
    });

    it('give the exit code of a command that closed its output long before', async () => {
      const id = await runOne({ openStdin: true });
      const exec = must(await engine.exec(id, { command: ['sh', '-c', 'exec >&- 2>&-; sleep 1; exit 5'] }));
      exec.stdout.resume();
      exec.stderr.resume();
      expect(must(await exec.exitCode)).toBe(5);
    });

    it('with a terminal are one, and it can be resized', async () => {
      const id = await runOne({ openStdin: true });
      const exec = must(
        await engine.exec(id, { command: ['sh', '-c', 'read x; echo "got $x" >&2'], stdin: true, tty: true }),
      );
      await exec.resize(100, 40);
      exec.stdin?.write('this\n');
      expect(Buffer.concat(await exec.stdout.toArray()).toString()).toContain('got this\r\n');
      expect(await exec.stderr.toArray()).toEqual([]);
      expect(must(await exec.exitCode)).toBe(0);
    });
  });
}
