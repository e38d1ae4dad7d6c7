import { mkdtempSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepDebian, knownDebian, type KnownDebian } from './known-debian.ts';

const hash = 'a'.repeat(64);
const packages = { 'linux/amd64': [{ name: 'apt', version: '2.6.1', sha256: hash }], 'linux/arm64': [] };
const answer: KnownDebian = {
  base: { kind: 'debian', suite: 'bookworm', snapshot: '20261129T005313Z', packages },
  system: { 'linux/amd64': [{ name: 'make', version: '4.3', sha256: hash, requested: true }], 'linux/arm64': [] },
};
const question = { suite: 'bookworm', system: ['make', 'git'] };

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-known-debian-'));
  vi.stubEnv('PARITY_CACHE_DIR', dir);
  vi.stubEnv('PARITY_DEBIAN_MIRROR', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  rmSync(dir, { recursive: true });
});

it('is what was resolved for the same suite, packages and mirror, for a day', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-30T12:00:00Z'), toFake: ['Date'] });
  expect(await knownDebian(question)).toBeUndefined();
  await keepDebian(question, answer);
  expect(await knownDebian({ suite: 'bookworm', system: ['git', 'make'] })).toEqual(answer);
  expect(await knownDebian({ suite: 'bookworm', system: ['git'] })).toBeUndefined();
  expect(await knownDebian({ suite: 'trixie', system: question.system })).toBeUndefined();
  vi.stubEnv('PARITY_DEBIAN_MIRROR', 'http://mirror.example/debian');
  expect(await knownDebian(question)).toBeUndefined();
  vi.stubEnv('PARITY_DEBIAN_MIRROR', '');
  vi.setSystemTime(new Date('2026-12-01T11:59:00Z'));
  expect(await knownDebian(question)).toEqual(answer);
  vi.setSystemTime(new Date('2026-12-01T12:01:00Z'));
  expect(await knownDebian(question)).toBeUndefined();
});

it('is nothing that the file does not say whole', async () => {
  await keepDebian(question, answer);
  const folder = join(dir, 'debian/bases');
  const [file = ''] = readdirSync(folder);
  for (const text of ['', '{"madeAt":', JSON.stringify({ madeAt: Date.now(), base: answer.base, system: {} })]) {
    writeFileSync(join(folder, file), text);
    expect(await knownDebian(question)).toBeUndefined();
  }
});
