import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it as test } from 'vitest';
import type { BuildProgress } from '../../src/core/progress.ts';
import type { Result } from '../../src/core/result.ts';
import type { AttachedChannel, ContainerSpec, Engine, ExecOptions } from '../../src/engine/engine.ts';

/** What the contract needs of an engine under test. */
export interface ContractSubject {
  /** Makes the engine; called once. */
  readonly engine: () => Engine;
  /** A root file system with busybox's `sh`, `cat`, `printf`, `sleep`. */
  readonly rootFs: () => Readable;
  /** The engine closes a container's stdin when a client that wrote to it leaves: what comes after is not asked of it. */
  readonly leavingEndsStdin?: boolean;
  /** Tests that this engine is known to fail, and why: they must fail, so that a mended engine is noticed. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** The label of everything the contract makes. */
export const contractLabel = 'dev.parity.test-contract';

/** States, test by test, what engine.ts's comments promise; whatever it makes is labelled and swept. */
export function engineContract(name: string, subject: ContractSubject): void {
  describe(`the engine contract: ${name}`, () => {
    const run = randomBytes(4).toString('hex');
    const labels = { [contractLabel]: run };
    const wanted = [`${contractLabel}=${run}`];
    const image = `parity-contract-${run}:base`;
    const it = (title: string, run: () => Promise<void>): void =>
      subject.limits?.[title] === undefined
        ? test(title, run)
        : test.fails(`${title} (not here: ${subject.limits[title]})`, run);
    let engine: Engine;
    let imageId: string;

    const create = async (spec: Partial<ContainerSpec>): Promise<string> =>
      must(await engine.createContainer({ image, labels, network: 'none', ...spec }));
    const runOne = async (spec: Partial<ContainerSpec>): Promise<string> => {
      const id = await create(spec);
      must(await engine.startContainer(id));
      return id;
    };
    const exec = async (id: string, options: ExecOptions) => {
      const process = must(await engine.exec(id, options));
      const [stdout, stderr, exitCode] = await Promise.all([
        text(process.stdout),
        text(process.stderr),
        process.exitCode,
      ]);
      return { stdout, stderr, exitCode: must(exitCode) };
    };

    // Detaches; false where that ends the container (which is then waited for, so that it is known to be so).
    const leave = async (channel: AttachedChannel, id: string): Promise<boolean> => {
      channel.detach();
      must(await channel.closed);
      if (subject.leavingEndsStdin) expect(must(await engine.waitContainer(id)).exitCode).toBe(0);
      return !subject.leavingEndsStdin;
    };

    beforeAll(async () => {
      engine = subject.engine();
      const changes = [`LABEL ${contractLabel}=${run}`, 'ENV FROM_IMAGE=yes', 'CMD ["cat"]'];
      imageId = must(await engine.importImage(subject.rootFs(), image, { changes }));
    });
    afterAll(async () => {
      for (const { id } of must(await engine.listContainers(wanted))) must(await engine.removeContainer(id));
      for (const volume of must(await engine.listVolumes(wanted))) must(await engine.removeVolume(volume.name));
      for (const { id } of must(await engine.listNetworks(wanted))) must(await engine.removeNetwork(id));
      for (const { id } of must(await engine.listImages(wanted))) must(await engine.removeImage(id, { force: true }));
      expect(must(await engine.listContainers(wanted))).toEqual([]);
      expect(must(await engine.listVolumes(wanted))).toEqual([]);
      expect(must(await engine.listNetworks(wanted))).toEqual([]);
      await engine.close();
    });

    it('describes itself, the same each time', async () => {
      const facts = must(await engine.describe());
      expect(facts).toMatchObject({
        platform: expect.stringMatching(/^linux\//),
        apiVersion: expect.stringMatching(/^1\.\d+$/),
      });
      expect(facts.cpus).toBeGreaterThan(0);
      expect(facts.memoryBytes).toBeGreaterThan(0);
      expect(must(await engine.describe())).toEqual(facts);
    });

    describe('images', () => {
      it('tells an imported image by reference and by ID', async () => {
        const info = must(await engine.inspectImage(image));
        expect(info).toMatchObject({
          id: imageId,
          labels,
          command: ['cat'],
          platform: expect.stringMatching(/^linux\//),
        });
        expect(info?.env).toContain('FROM_IMAGE=yes');
        expect(info?.layers).toHaveLength(1);
        expect(must(await engine.inspectImage(imageId))?.id).toBe(imageId);
        expect(must(await engine.listImages(wanted)).map(({ id }) => id)).toContain(imageId);
        expect(must(await engine.listImages([contractLabel + '=other']))).toEqual([]);
      });
      it('gives undefined for an image that is not there, and removes one as often as asked', async () => {
        expect(must(await engine.inspectImage('parity-contract-nothing:1'))).toBeUndefined();
        must(await engine.removeImage('parity-contract-nothing:1'));
        must(await engine.tagImage(image, `parity-contract-${run}:again`));
        expect(must(await engine.inspectImage(`parity-contract-${run}:again`))?.id).toBe(imageId);
        must(await engine.removeImage(`parity-contract-${run}:again`));
        must(await engine.removeImage(`parity-contract-${run}:again`));
        expect(must(await engine.inspectImage(image))?.id).toBe(imageId);
      });
      it('saves an archive that loads again', async () => {
        const archive = must(await engine.saveImages([image]));
        const loaded = must(await engine.loadImages(archive));
        expect(loaded.some((ref) => ref.includes(`parity-contract-${run}:base`))).toBe(true);
        expect(must(await engine.inspectImage(image))?.layers).toEqual(
          must(await engine.inspectImage(imageId))?.layers,
        );
      });
      it('refuses to save, tag, pull or push what is not there', async () => {
        const nothing = 'localhost:1/parity-contract-nothing:1';
        for (const refused of [
          await engine.saveImages([nothing]),
          await engine.tagImage(nothing, 'parity-contract-other:1'),
          await engine.pullImage(nothing),
          await engine.pushImage(nothing),
          await engine.resolveImage(nothing, { timeoutMs: 20_000 }),
        ]) {
          expect(refused).toMatchObject({ ok: false, error: { message: expect.stringContaining(nothing) } });
          expect(['image-not-found', 'network', 'engine-refused']).toContain(!refused.ok && refused.error.reason);
        }
      });
      it('gives interrupted for a load that was aborted before it began', async () => {
        const signal = AbortSignal.abort();
        const refused = await engine.loadImages(subject.rootFs(), { signal });
        expect(refused).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
      });
    });

    describe('containers', () => {
      it('are created, started twice, waited for and removed twice', async () => {
        const id = await create({ command: ['sh', '-c', 'exit 3'] });
        expect(must(await engine.inspectContainer(id))).toMatchObject({ id, imageId, labels, state: 'created' });
        must(await engine.startContainer(id));
        expect(must(await engine.waitContainer(id))).toEqual({ exitCode: 3, oomKilled: false });
        expect(must(await engine.inspectContainer(id))).toMatchObject({
          state: 'exited',
          exitCode: 3,
          oomKilled: false,
        });
        expect(must(await engine.listContainers(wanted)).find((one) => one.id === id)?.state).toBe('exited');
        must(await engine.removeContainer(id));
        must(await engine.removeContainer(id));
        expect(must(await engine.inspectContainer(id))).toBeUndefined();
      });
      it('start as often as asked, and take signals', async () => {
        const id = await runOne({ command: ['cat'], openStdin: true });
        must(await engine.startContainer(id));
        expect(must(await engine.inspectContainer(id))).toMatchObject({ state: 'running' });
        const ended = engine.waitContainer(id);
        must(await engine.signalContainer(id, 'SIGKILL'));
        expect(must(await ended)).toEqual({ exitCode: 137, oomKilled: false });
        expect(await engine.signalContainer(id, 'SIGKILL')).toMatchObject({
          ok: false,
          error: { reason: 'engine-refused' },
        });
      });
      it('refuse a name that is taken and an image that is not there', async () => {
        const name = `parity-contract-${run}-name`;
        await create({ name });
        const again = await engine.createContainer({ name, image, labels });
        expect(again).toMatchObject({
          ok: false,
          error: { reason: 'name-taken', detail: expect.stringContaining(name) },
        });
        const lost = await engine.createContainer({ image: 'parity-contract-nothing:1', labels });
        expect(lost).toMatchObject({
          ok: false,
          error: { reason: 'image-not-found', message: expect.stringContaining('parity-contract-nothing:1') },
        });
        expect(await engine.startContainer('parity-contract-nobody')).toMatchObject({
          ok: false,
          error: { message: expect.stringContaining('parity-contract-nobody') },
        });
      });
      it('remove themselves when told so', async () => {
        const id = await create({ command: ['sh', '-c', 'exit 3'], autoRemove: true });
        const channel = must(await engine.attachContainer(id));
        drain(channel);
        must(await engine.startContainer(id));
        must(await channel.closed);
        must(await engine.removeContainer(id));
        expect(must(await engine.inspectContainer(id))).toBeUndefined();
      });
      it('give up waiting when the signal says so', async () => {
        const id = await runOne({ openStdin: true });
        const controller = new AbortController();
        const waiting = engine.waitContainer(id, { signal: controller.signal });
        controller.abort();
        expect(await waiting).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
        expect(await engine.waitContainer(id, { signal: controller.signal })).toMatchObject({
          ok: false,
          error: { reason: 'interrupted' },
        });
        expect(must(await engine.inspectContainer(id))).toMatchObject({ state: 'running' });
      });
      it('tell their output and memory', async () => {
        const id = await runOne({ command: ['sh', '-c', 'echo one; echo two; echo three'] });
        must(await engine.waitContainer(id));
        expect(must(await engine.containerLogs(id))).toBe('one\ntwo\nthree\n');
        expect(must(await engine.containerLogs(id, { tailLines: 2 }))).toBe('two\nthree\n');
        const busy = await runOne({ openStdin: true });
        expect(must(await engine.containerMemory(busy)).usageBytes).toBeGreaterThan(0);
      });
    });

    describe('attach', () => {
      it('carries stdin and output, before the start and after, whole characters or half', async () => {
        const id = await create({ openStdin: true });
        const channel = must(await engine.attachContainer(id, { stdin: true }));
        must(await engine.startContainer(id));
        const bytes = Buffer.from('hä日🎉\n');
        // Cut inside of characters: the bytes must come out as they went in.
        for (const byte of bytes) channel.stdin.write(Buffer.of(byte));
        expect(await take(channel.stdout, bytes.length)).toEqual(bytes);
        const binary = Buffer.from([0, 1, 2, 255, 254, 10, 13, 0, 0, 0, 0]);
        channel.stdin.write(binary);
        expect(await take(channel.stdout, binary.length)).toEqual(binary);
        if (!(await leave(channel, id))) return;
        expect(must(await engine.inspectContainer(id))).toMatchObject({ state: 'running' });
        const second = must(await engine.attachContainer(id, { stdin: true }));
        second.stdin.write('again\n');
        expect((await take(second.stdout, 6)).toString()).toBe('again\n');
        second.detach();
      });
      it('keeps stdout and stderr apart, and ends all with the container', async () => {
        const id = await create({ command: ['sh', '-c', 'echo out; echo err >&2; exit 3'] });
        const channel = must(await engine.attachContainer(id));
        const [stdout, stderr] = [text(channel.stdout), text(channel.stderr)];
        must(await engine.startContainer(id));
        expect(await stdout).toBe('out\n');
        expect(await stderr).toBe('err\n');
        must(await channel.closed);
      });
      it('shows what was written before, when asked for logs', async () => {
        const id = await runOne({ command: ['sh', '-c', 'echo one; echo two; cat'], openStdin: true });
        while (!must(await engine.containerLogs(id)).includes('two'));
        const late = must(await engine.attachContainer(id, { stdin: true, logs: true }));
        late.stdin.write('live\n');
        expect((await take(late.stdout, 13)).toString()).toBe('one\ntwo\nlive\n');
        if (!(await leave(late, id))) return;
        const without = must(await engine.attachContainer(id, { stdin: true }));
        without.stdin.write('more\n');
        expect((await take(without.stdout, 5)).toString()).toBe('more\n');
        without.detach();
      });
      it('gives the same output to two clients at once, and one may leave', async () => {
        const id = await create({ openStdin: true });
        const first = must(await engine.attachContainer(id, { stdin: true }));
        const second = must(await engine.attachContainer(id, { stdin: true }));
        must(await engine.startContainer(id));
        first.stdin.write('to both\n');
        expect((await take(first.stdout, 8)).toString()).toBe('to both\n');
        expect((await take(second.stdout, 8)).toString()).toBe('to both\n');
        if (!(await leave(first, id))) return second.detach();
        second.stdin.write('still here\n');
        expect((await take(second.stdout, 11)).toString()).toBe('still here\n');
        second.detach();
      });
      it('ends the channel when the container is removed under it', async () => {
        const id = await runOne({ openStdin: true });
        const channel = must(await engine.attachContainer(id, { stdin: true }));
        const ended = Promise.all([text(channel.stdout), text(channel.stderr)]);
        must(await engine.removeContainer(id));
        await channel.closed;
        expect(await ended).toEqual(['', '']);
        channel.stdin.write('nobody reads this');
      });
      it('is refused for a container that is not there', async () => {
        expect(await engine.attachContainer('parity-contract-nobody')).toMatchObject({
          ok: false,
          error: { reason: 'engine-refused' },
        });
      });
    });

    describe('exec', () => {
      it('gives both outputs and the exit code', async () => {
        const id = await runOne({ openStdin: true });
        expect(await exec(id, { command: ['sh', '-c', 'echo out; echo err >&2; exit 3'] })).toEqual({
          stdout: 'out\n',
          stderr: 'err\n',
          exitCode: 3,
        });
      });
      it('takes environment, user and folder', async () => {
        const id = await runOne({ openStdin: true, env: { FROM_SPEC: 'sp ec' } });
        const command = ['sh', '-c', 'echo "$FROM_IMAGE $FROM_SPEC $FROM_EXEC $(id -u) $(pwd)"'];
        expect(
          await exec(id, { command, env: { FROM_EXEC: 'é="x"' }, user: '1234:99', workingDir: '/work' }),
        ).toMatchObject({ stdout: 'yes sp ec é="x" 1234 /work\n', exitCode: 0 });
      });
      it('reads stdin to its end', async () => {
        const id = await runOne({ openStdin: true });
        const process = must(await engine.exec(id, { command: ['cat'], stdin: true }));
        process.stdin?.end('from here\n');
        expect(await text(process.stdout)).toBe('from here\n');
        expect(must(await process.exitCode)).toBe(0);
      });
      it('is let go when the signal says so', async () => {
        const id = await runOne({ openStdin: true });
        const controller = new AbortController();
        const process = must(await engine.exec(id, { command: ['cat'], stdin: true, signal: controller.signal }));
        controller.abort();
        expect(await process.exitCode).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
        process.stdout.resume();
        expect(await engine.exec(id, { command: ['cat'], signal: controller.signal })).toMatchObject({
          ok: false,
          error: { reason: 'interrupted' },
        });
      });
      it('is refused in a container that does not run', async () => {
        const id = await create({});
        expect(await engine.exec(id, { command: ['cat'] })).toMatchObject({
          ok: false,
          error: { reason: 'engine-refused' },
        });
      });
    });

    describe('archives', () => {
      it('keep owners, modes and content, in a container that runs or not', async () => {
        const id = await create({ openStdin: true, user: '4321' });
        must(
          await engine.putArchive(
            id,
            '/work',
            await tarOf({ name: 'a b/ü.txt', uid: 1234, gid: 99, mode: 0o640 }, 'content'),
          ),
        );
        must(await engine.startContainer(id));
        const stream = tarStream({ name: 'second', uid: 0, gid: 0, mode: 0o4755 }, '');
        must(await engine.putArchive(id, '/work', stream));
        const got = await entriesOf(must(await engine.getArchive(id, '/work')));
        expect(got.get('work/a b/ü.txt')).toEqual({ uid: 1234, gid: 99, mode: 0o640, content: 'content' });
        expect(got.get('work/second')).toEqual({ uid: 0, gid: 0, mode: 0o4755, content: '' });
      });
      it('are refused at a path that is not there', async () => {
        const id = await create({});
        expect(await engine.getArchive(id, '/nowhere/at/all')).toMatchObject({
          ok: false,
          error: { reason: 'engine-refused' },
        });
      });
    });

    describe('volumes and networks', () => {
      it('are made as often as asked, listed by label and removed as often as asked', async () => {
        const name = `parity-contract-${run}-volume`;
        must(await engine.createVolume(name, labels));
        must(await engine.createVolume(name, labels));
        expect(must(await engine.listVolumes(wanted))).toMatchObject([{ name, labels }]);
        const id = await create({ mounts: [{ type: 'volume', source: name, target: '/work' }] });
        expect(await engine.removeVolume(name)).toMatchObject({
          ok: false,
          error: { reason: 'engine-refused', message: expect.stringContaining(name) },
        });
        must(await engine.removeContainer(id));
        must(await engine.removeVolume(name));
        must(await engine.removeVolume(name));
        expect(must(await engine.listVolumes(wanted))).toEqual([]);
      });
      it('are networks too', async () => {
        const name = `parity-contract-${run}-network`;
        const id = must(await engine.createNetwork(name, { internal: true, labels }));
        expect(must(await engine.listNetworks(wanted))).toEqual([{ id, name, labels }]);
        must(await engine.removeNetwork(id));
        must(await engine.removeNetwork(name));
        expect(must(await engine.listNetworks(wanted))).toEqual([]);
      });
      it('tell how much disk they use', async () => {
        expect(must(await engine.diskUsage())).toEqual({
          imagesBytes: expect.any(Number),
          volumesBytes: expect.any(Number),
          buildCacheBytes: expect.any(Number),
        });
      });
    });

    describe('build', () => {
      const built = (progress: BuildProgress[], recipe: string, signal?: AbortSignal) =>
        engine.build({
          context: tarStream({ name: 'Dockerfile.contract' }, recipe.replaceAll('IMAGE', image)),
          dockerfile: 'Dockerfile.contract',
          tags: [`parity-contract-${run}:built`],
          buildArgs: { WORD: 'ü ="x"' },
          labels,
          network: 'none',
          onProgress: (one) => progress.push(one),
          ...(signal !== undefined && { signal }),
        });
      const outputOf = (progress: BuildProgress[]): string[] =>
        progress.flatMap((one) => (one.type === 'output' ? [one.text] : []));

      it('gives the ID of what it tagged, and tells steps and lines of output', async () => {
        const progress: BuildProgress[] = [];
        const id = must(await built(progress, 'FROM IMAGE\nARG WORD\nRUN echo "word $WORD" && printf end\n'));
        expect(must(await engine.inspectImage(`parity-contract-${run}:built`))).toMatchObject({ id, labels });
        expect(outputOf(progress)).toEqual(['word ü ="x"', 'end']);
        const steps = progress.flatMap((one) => (one.type === 'step' ? [one] : []));
        expect(steps.find(({ title }) => title.includes('RUN echo'))).toMatchObject({ cached: false });
      });
      it('tells what came from the cache', async () => {
        const recipe = 'FROM IMAGE\nRUN echo cached > /work/cached\n';
        must(await built([], recipe));
        const progress: BuildProgress[] = [];
        must(await built(progress, recipe));
        expect(progress.find((one) => one.type === 'step' && one.title.includes('RUN echo'))).toMatchObject({
          cached: true,
        });
      });
      it('fails with the failed step and its output', async () => {
        const refused = await built([], 'FROM IMAGE\nRUN echo oops && exit 4\n');
        expect(refused).toMatchObject({
          ok: false,
          error: { reason: 'image-build-failed', message: expect.stringContaining('RUN echo oops') },
        });
        expect(!refused.ok && refused.error.detail).toMatch(/^oops\n/);
      });
      it('fails with the place of a mistake in the recipe', async () => {
        expect(await built([], 'FROM IMAGE\nRNU true\n')).toMatchObject({
          ok: false,
          error: { reason: 'image-build-failed', detail: expect.stringMatching(/unknown instruction: "?RNU/i) },
        });
      });
      it('stops when the signal says so', async () => {
        const controller = new AbortController();
        const progress: BuildProgress[] = [];
        const building = engine.build({
          context: tarStream({ name: 'Dockerfile' }, `FROM ${image}\nRUN echo begun && sleep 600\n`),
          dockerfile: 'Dockerfile',
          tags: [],
          buildArgs: {},
          labels,
          network: 'none',
          onProgress(one) {
            progress.push(one);
            if (one.type === 'output' && one.text === 'begun') controller.abort();
          },
          signal: controller.signal,
        });
        expect(await building).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
      });
    });
  });
}

/** The value of a result that must be good; throws the failure as an error. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.message}\n${result.error.detail ?? ''}`);
  return result.value;
}

/** Everything a stream gives, as text. */
export async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The next so many bytes of a stream, which stays open. */
export async function take(stream: Readable, count: number): Promise<Buffer> {
  let have = Buffer.alloc(0);
  while (have.length < count) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) have = Buffer.concat([have, chunk]);
    else if (stream.readableEnded || stream.destroyed)
      throw new Error(`the stream ended after ${have.length} of ${count} bytes`);
    else await new Promise((resolve) => stream.once('readable', resolve).once('close', resolve));
  }
  return have;
}

function drain(channel: AttachedChannel): void {
  channel.stdout.resume();
  channel.stderr.resume();
}

interface Entry {
  readonly name: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

function tarStream(header: Entry, content: string): Readable {
  const tar = pack();
  tar.entry(header, content);
  tar.finalize();
  return tar as unknown as Readable;
}

async function tarOf(header: Entry, content: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarStream(header, content) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function entriesOf(
  tar: Readable,
): Promise<Map<string, { uid: number; gid: number; mode: number; content: string }>> {
  const entries = extract();
  tar.on('error', (error) => entries.destroy(error)).pipe(entries);
  const found = new Map<string, { uid: number; gid: number; mode: number; content: string }>();
  for await (const entry of entries) {
    const { name, uid = 0, gid = 0, mode = 0 } = entry.header;
    // Older engines leave the file type's bits in the mode.
    found.set(name, { uid, gid, mode: mode & 0o7777, content: await text(entry as unknown as Readable) });
  }
  return found;
}
