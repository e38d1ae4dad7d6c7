import { expect, test } from 'vitest';
import type { Service } from '../config/config.ts';
import type { ProgressEvent } from '../core/progress.ts';
import { createFakeEngine, type FakeEngine } from '../engine/fake/fake-engine.ts';
import { serviceImages, type ServiceImages } from './service-images.ts';

const digest = `sha256:${'0'.repeat(64)}` as const;
const remote = { 'postgres:16': { digest, platforms: ['linux/amd64' as const] } };

const service = (name: string, image: string): Service => {
  return { name, image, env: {}, readyTimeoutSeconds: 60, ports: [] };
};

function imagesOf(engine: FakeEngine, services: readonly Service[], signal?: AbortSignal): [ServiceImages, string[]] {
  const told: string[] = [];
  const emit = (event: ProgressEvent): void => {
    if (event.type === 'phase-started') told.push(event.title);
    if (event.type === 'phase-finished') told.push(event.result);
  };
  const { signal: never } = new AbortController();
  return [serviceImages({ engine, services, platform: 'linux/amd64', emit, signal: signal ?? never }), told];
}

const pulls = (engine: FakeEngine): number => engine.calls.filter(({ method }) => method === 'pullImage').length;

test('nothing is asked before it is wanted; an image that two services share comes once, before either waits for it', async () => {
  const engine = createFakeEngine({ remote });
  const [db, other] = [service('db', 'postgres:16'), service('other', 'postgres:16')];
  const [images, told] = imagesOf(engine, [db, other]);
  expect(engine.calls).toEqual([]);
  const held = engine.hold('pullImage');
  images.fetch();
  await held.reached;
  const both = Promise.all([images.of(db), images.of(other)]);
  expect(told).toEqual(['image postgres:16']);
  held.release();
  expect(await both).toMatchObject([{ ok: true }, { ok: true }]);
  expect([pulls(engine), told]).toEqual([1, ['image postgres:16', 'pulled']]);
});

test('one that is there is not pulled, and nobody hears of it', async () => {
  const engine = createFakeEngine({ images: { 'postgres:16': {} } });
  const db = service('db', 'postgres:16');
  const [images, told] = imagesOf(engine, [db]);
  expect(await images.of(db)).toMatchObject({ ok: true });
  expect([pulls(engine), told]).toEqual([0, []]);
});

test('one that can not be had names its service, and is asked for again the next time', async () => {
  const engine = createFakeEngine();
  const db = service('db', 'postgres:99');
  const [images] = imagesOf(engine, [db]);
  images.fetch();
  expect(await images.of(db)).toMatchObject({
    ok: false,
    error: {
      message: 'service "db": its image postgres:99 is not there and cannot be pulled: could not pull postgres:99',
    },
  });
  engine.state.remote.set('postgres:99', remote['postgres:16']);
  expect(await images.of(db)).toMatchObject({ ok: true });
});

test('a pull that nobody wants any more stops', async () => {
  const engine = createFakeEngine({ remote });
  const db = service('db', 'postgres:16');
  const stop = new AbortController();
  const [images] = imagesOf(engine, [db], stop.signal);
  const held = engine.hold('pullImage');
  images.fetch();
  await held.reached;
  stop.abort();
  expect(await images.of(db)).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
});
