import { expect, it } from 'vitest';
import { failure } from '../../core/failure.ts';
import { createFakeEngine } from './fake-engine.ts';

const spec = { image: 'base:1', labels: {}, openStdin: true };

it('records calls and fails once when told so', async () => {
  const engine = createFakeEngine({ images: { 'base:1': {} } });
  const full = failure('disk-full', 'no space');
  engine.failNext('createContainer', full);
  expect(await engine.createContainer(spec)).toEqual({ ok: false, error: full });
  expect(await engine.createContainer(spec)).toMatchObject({ ok: true });
  expect(engine.calls.map(({ method }) => method)).toEqual(['createContainer', 'createContainer']);
  expect(engine.calls[0]?.args).toEqual([spec]);
  expect(engine.state.containers).toHaveLength(1);
});

it('holds a call until it is released, or stopped', async () => {
  const engine = createFakeEngine({
    remote: { 'base:1': { digest: `sha256:${'0'.repeat(64)}`, platforms: ['linux/amd64'] } },
  });
  const held = engine.hold('pullImage');
  const pulling = engine.pullImage('base:1');
  await held.reached;
  expect(engine.state.images).toHaveLength(0);
  held.release();
  expect(await pulling).toMatchObject({ ok: true });
  expect(engine.state.images).toHaveLength(1);

  const controller = new AbortController();
  const again = engine.hold('pullImage');
  const stopped = engine.pullImage('base:1', { signal: controller.signal });
  await again.reached;
  controller.abort();
  expect(await stopped).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
});

it('lets a test play PID 1 and cut its streams as a dying engine does', async () => {
  const engine = createFakeEngine({
    images: { 'base:1': {} },
    start: (process) => process.stdin.on('data', (data: Buffer) => process.stdout(data.toString().toUpperCase())),
  });
  const created = await engine.createContainer(spec);
  if (!created.ok) throw new Error(created.error.message);
  await engine.startContainer(created.value);
  const attached = await engine.attachContainer(created.value, { stdin: true });
  if (!attached.ok) throw new Error(attached.error.message);
  attached.value.stdin.write('abc');
  const said = await attached.value.stdout.take(1).toArray();
  expect(Buffer.concat(said).toString()).toBe('ABC');
  engine.cutStreams('the engine died');
  expect(await attached.value.closed).toMatchObject({
    ok: false,
    error: { reason: 'engine-unreachable', message: 'the engine died' },
  });
});

it('gives the same IDs in every run', async () => {
  const ids = async () => {
    const engine = createFakeEngine({ images: { 'base:1': {} } });
    return [
      await engine.createContainer(spec),
      await engine.createNetwork('n', { internal: true, labels: {} }),
      await engine.inspectImage('base:1'),
    ];
  };
  expect(await ids()).toEqual(await ids());
});
