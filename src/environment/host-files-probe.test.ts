import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failure } from '../core/failure.ts';
import { err, ok } from '../core/result.ts';
import type { ContainerSpec, Engine, EngineInfo } from '../engine/engine.ts';
import { createFakeEngine } from '../engine/fake/fake-engine.ts';
import { cachedHostFilesProbe, probeHostFiles } from './host-files-probe.ts';
import { requestedMode } from './workspace-mode.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity sight '));
  vi.stubEnv('PARITY_CACHE_DIR', join(dir, 'cache'));
  mkdirSync(join(dir, 'project'));
  writeFileSync(join(dir, 'project', 'parity.yaml'), 'version: 1\n');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

/** An engine whose containers show what `read` gives for a host path. */
function engineThat(read: (path: string) => string | undefined): {
  readonly engine: Engine;
  readonly tries: () => number;
} {
  let tries = 0;
  let mounts: NonNullable<ContainerSpec['mounts']> = [];
  const engine = createFakeEngine();
  return {
    tries: () => tries,
    engine: {
      ...engine,
      async createContainer(spec) {
        tries += 1;
        mounts = spec.mounts ?? [];
        return ok('probe');
      },
      async getArchive(_id, path) {
        const mount = mounts.find(({ target }) => path.startsWith(`${target}/`));
        const source = mount?.type === 'bind' ? path.replace(mount.target, mount.source) : path;
        const content = read(source);
        if (content === undefined) return err(failure('engine-refused', 'no such path'));
        const tar = pack();
        tar.entry({ name: 'file' }, content);
        tar.finalize();
        return ok(Readable.from(tar));
      },
      removeContainer: async () => ok(undefined),
    },
  };
}

async function ask(engine: Engine, now = 1_000): Promise<unknown> {
  const info = await engine.describe();
  if (!info.ok) throw new Error(info.error.message);
  const hostRoot = join(dir, 'project');
  const workspace = { hostRoot, hostProject: hostRoot, containerProject: '/workspace', mounts: [] };
  const request = {
    engine,
    info: info.value,
    workspace,
    environmentId: 'e',
    imageId: 'i',
    platform: 'linux/amd64' as const,
  };
  return await probeHostFiles({ ...request, now: () => now });
}

test('an engine that shows the very file that was just written sees; it is asked once a day', async () => {
  const { engine, tries } = engineThat((path) => readFileSync(path, 'utf8'));
  expect(await ask(engine)).toEqual({ ok: true, value: true });
  expect(await ask(engine, 80_000_000)).toEqual({ ok: true, value: true });
  expect(tries()).toBe(1);
  expect(await ask(engine, 90_000_000)).toEqual({ ok: true, value: true });
  expect(tries()).toBe(2);
  const info = (await engine.describe()) as { readonly value: EngineInfo };
  expect(await cachedHostFilesProbe(info.value, join(dir, 'project'))).toBe(true);
  expect(await cachedHostFilesProbe(info.value, '/another/project')).toBe(true);
  expect(await cachedHostFilesProbe({ ...info.value, dataRoot: '/elsewhere' }, join(dir, 'project'))).toBe(undefined);
  expect(readdirSync(join(dir, 'cache', 'probe'))).toEqual([]);
});

test.each([
  ['a folder of the same name with other files', (): string => 'something else'],
  ['an empty folder in its place', (): undefined => undefined],
  [
    'parity’s cache, and not the project’s folder',
    (path: string): string | undefined => (path.includes('/cache/') ? readFileSync(path, 'utf8') : undefined),
  ],
])('one that shows %s does not', async (_what, read) => {
  expect(await ask(engineThat(read).engine)).toEqual({ ok: true, value: false });
});

test('one that refuses the folder does not; one that can’t be asked is no answer', async () => {
  const engine = createFakeEngine();
  const refusing = (reason: 'engine-refused' | 'engine-unreachable'): Engine => {
    return { ...engine, createContainer: async () => err(failure(reason, 'no')) };
  };
  expect(await ask(refusing('engine-unreachable'))).toMatchObject({
    ok: false,
    error: { reason: 'engine-unreachable' },
  });
  expect(await ask(refusing('engine-refused'))).toEqual({ ok: true, value: false });
});

test('what the call asks for goes before the environment; a word that is no mode is told', () => {
  expect(requestedMode(undefined, {})).toEqual({ ok: true, value: 'auto' });
  expect(requestedMode('auto', { PARITY_WORKSPACE: 'copy' })).toEqual({ ok: true, value: 'copy' });
  expect(requestedMode('mount', { PARITY_WORKSPACE: 'copy' })).toEqual({ ok: true, value: 'mount' });
  expect(requestedMode(undefined, { PARITY_WORKSPACE: 'bind' })).toMatchObject({
    ok: false,
    error: { reason: 'usage' },
  });
});
