import { expect, test } from 'vitest';
import { failure } from '../core/failure.ts';
import { err, ok } from '../core/result.ts';
import type { Engine, EngineInfo } from './engine.ts';
import { lazyEngine } from './lazy-engine.ts';

// Only what is looked at.
const info = { product: 'docker', hostname: 'laptop' } as EngineInfo;

test('describes itself from memory, and is connected to once something else is asked', async () => {
  let connected = 0;
  const real = {
    names: ['a'],
    listImages(labels: readonly string[]) {
      return Promise.resolve(ok([...this.names, ...labels]));
    },
  };
  const engine = lazyEngine(info, () => {
    connected += 1;
    return Promise.resolve(ok(real as unknown as Engine));
  });
  expect(await engine.describe()).toEqual({ ok: true, value: info });
  // An await of the engine itself is no question.
  expect(await Promise.resolve(engine)).toBe(engine);
  expect(connected).toBe(0);
  expect(await engine.listImages(['b'])).toEqual({ ok: true, value: ['a', 'b'] });
  expect(connected).toBe(1);
});

test('an engine that does not answer is the answer of every question', async () => {
  const gone = failure('engine-unreachable', 'nobody there');
  const engine = lazyEngine(info, () => Promise.resolve(err(gone)));
  expect(await engine.inspectImage('x')).toEqual({ ok: false, error: gone });
});
