import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '../../engine/engine.ts';
import { openScriptRunner } from './open-script-runner.ts';

// The host's workshop asks nothing of an engine.
const engine = {} as Engine;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity workshop '));
  vi.stubEnv('PARITY_CACHE_DIR', cache);
  vi.stubEnv('PARITY_DEBIAN_WORKSHOP', 'host');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

it('removes what a killed parity left, and nothing of one that runs', async () => {
  const dead = spawnSync(process.execPath, ['-e', '0']).pid;
  for (const pid of [dead, process.ppid]) mkdirSync(join(cache, 'debian', `work-${pid}-aaaa`), { recursive: true });
  const opened = await openScriptRunner({ engine, suite: 'bookworm', onOutput: () => undefined });
  if (!opened.ok) throw new Error(opened.error.message);
  const own = opened.value.dir.split('/').at(-1);
  expect(readdirSync(join(cache, 'debian')).sort()).toEqual([own, `work-${process.ppid}-aaaa`].sort());
  await opened.value.close();
  expect(readdirSync(join(cache, 'debian'))).toEqual([`work-${process.ppid}-aaaa`]);
});

it('says what to do about a cache folder that can’t be used', async () => {
  writeFileSync(join(cache, 'debian'), 'a file where a folder should be');
  expect(await openScriptRunner({ engine, suite: 'bookworm', onOutput: () => undefined })).toMatchObject({
    ok: false,
    error: {
      reason: 'io',
      message: `parity's cache in ${join(cache, 'debian')} cannot be used`,
      next: 'set PARITY_CACHE_DIR to a folder that you can write',
    },
  });
});
