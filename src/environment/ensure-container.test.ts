import { expect, test } from 'vitest';
import { failure } from '../core/failure.ts';
import { err, ok } from '../core/result.ts';
import type { ContainerInfo, Engine } from '../engine/engine.ts';
import { ensureContainer, ensureWithSysctls } from './ensure-container.ts';

const spec = { name: 'parity-x', image: 'i', labels: {} };
const hooks = { signal: new AbortController().signal };
const winner: ContainerInfo = { id: 'winner', name: 'parity-x', imageId: 'i', labels: {}, state: 'running' };

/** The part of an engine that the race is about; anything else throws. */
function engineOf(parts: Partial<Engine>): Engine {
  return parts as Engine;
}

test('a name that is reserved before its container can be seen is waited for: the loser of a race gets the winner’s', async () => {
  let looks = 0;
  const engine = engineOf({
    createContainer: () => Promise.resolve(err(failure('name-taken', 'taken'))),
    inspectContainer: () => Promise.resolve(ok(++looks > 10 ? winner : undefined)),
  });
  expect(await ensureContainer(engine, spec, hooks)).toEqual({
    ok: true,
    value: { id: 'winner', name: 'parity-x', created: false },
  });
});

test('any other refusal is told at once', async () => {
  let tries = 0;
  const refusal = failure('engine-refused', 'no such mount');
  const engine = engineOf({
    createContainer: () => {
      tries += 1;
      return Promise.resolve(err(refusal));
    },
  });
  expect(await ensureContainer(engine, spec, hooks)).toEqual({ ok: false, error: refusal });
  expect(tries).toBe(1);
});

test('a container whose preparation fails is removed', async () => {
  const removed: string[] = [];
  const trouble = failure('io', 'no seed');
  const engine = engineOf({
    createContainer: () => Promise.resolve(ok('new')),
    removeContainer: (id) => {
      removed.push(id);
      return Promise.resolve(ok(undefined));
    },
  });
  const prepare = (): Promise<ReturnType<typeof err<typeof trouble>>> => Promise.resolve(err(trouble));
  expect(await ensureContainer(engine, spec, { ...hooks, prepare })).toEqual({ ok: false, error: trouble });
  expect(removed).toEqual(['new']);
});

test('a container whose kernel settings are refused at its start is made without them; another refusal is told', async () => {
  const made: unknown[] = [];
  const engineThat = (refuses: 'sysctl-refused' | 'engine-refused'): Engine =>
    engineOf({
      createContainer: (given) => {
        made.push(given.sysctls);
        return Promise.resolve(ok('new'));
      },
      startContainer: () => Promise.resolve(made.at(-1) === undefined ? ok(undefined) : err(failure(refuses, 'no'))),
      removeContainer: () => Promise.resolve(ok(undefined)),
    });
  const wanted = { ...spec, sysctls: { 'net.ipv6.conf.lo.disable_ipv6': '0' } };
  expect(await ensureWithSysctls(engineThat('sysctl-refused'), wanted, hooks)).toMatchObject({ ok: true });
  expect(made).toEqual([wanted.sysctls, undefined]);
  const refused = await ensureWithSysctls(engineThat('engine-refused'), wanted, hooks);
  expect(refused).toMatchObject({ ok: false, error: { reason: 'engine-refused' } });
  expect(made).toEqual([wanted.sysctls, undefined, wanted.sysctls]);
});
