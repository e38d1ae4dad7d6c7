import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Config } from '../config/config.ts';
import { packageRoot } from '../core/paths.ts';
import { folderOf } from '../../test/support/repo.ts';
import { checkLock, describeChangedInputs } from './check-lock.ts';
import { lockDigest } from './digest.ts';
import { inputDigests, lockInputs } from './inputs.ts';
import type { Lock } from './lock.ts';
import { parseLock } from './read.ts';
import { recordImage } from './record-image.ts';
import { joinToolchains, toolchainLock, withToolchain } from './toolchain-lock.ts';
import { formatLock } from './write.ts';

const reference = JSON.parse(readFileSync(join(packageRoot(), 'parity.lock.json'), 'utf8')) as Lock;
const docs: Lock = { ...reference, python: { version: '3.13.5', packages: [] }, inputs: {} };
const lint: Lock = {
  ...docs,
  base: { kind: 'registry', image: 'python:3.13-slim', digest: `sha256:${'1'.repeat(64)}` },
};

test('each toolchain comes back as it went in, and what it shares with the default one is there once', async () => {
  const both = joinToolchains(
    reference,
    new Map([
      ['docs', docs],
      ['lint', lint],
    ]),
  );
  expect(both.version).toBe(2);
  expect(toolchainLock(both, undefined)).toEqual(reference);
  expect(toolchainLock(both, 'docs')).toEqual(docs);
  expect(toolchainLock(both, 'lint')).toEqual(lint);
  expect(toolchainLock(both, 'more')).toBeUndefined();
  expect(Object.keys(both.toolchains?.['docs'] ?? {}).sort()).toEqual(['inputs', 'node', 'platforms', 'python']);
  const read = await parseLock(formatLock(both));
  expect(read.ok && read.value).toEqual(JSON.parse(formatLock(both)));
});

test('a lock without named toolchains is its own view and stays of the first format', () => {
  expect(toolchainLock(reference, undefined)).toBe(reference);
  expect(formatLock(joinToolchains(reference, new Map()))).toBe(formatLock(reference));
});

test('a toolchain keeps its base when the default one gets another', () => {
  const both = joinToolchains(reference, new Map([['docs', docs]]));
  const moved = withToolchain(both, undefined, lint);
  expect(toolchainLock(moved, 'docs')).toEqual({ ...docs, parity: lint.parity });
});

test('what was built is no part of what is pinned, for any toolchain', async () => {
  const both = joinToolchains(reference, new Map([['docs', docs]]));
  const digest = `sha256:${'2'.repeat(64)}` as const;
  const dir = folderOf({ 'parity.lock.json': formatLock(both) });
  const image = { config: digest, manifest: digest, recipe: digest };
  const recorded = await recordImage(dir, { lock: docs, toolchain: 'docs' }, 'linux/arm64', image);
  if (!recorded.ok) throw new Error(recorded.error.message);
  const { lock } = recorded.value;
  expect(toolchainLock(lock, 'docs')?.platforms['linux/arm64']).toEqual({ image });
  expect(toolchainLock(lock, undefined)).toEqual(reference);
  expect(lockDigest(lock)).toBe(lockDigest(both));
  expect(lockDigest(withToolchain(both, 'docs', { ...docs, python: lint.python, inputs: reference.inputs }))).not.toBe(
    lockDigest(both),
  );
});

test('what has changed is told with its toolchain', async () => {
  const dir = folderOf({ 'requirements.txt': 'attrs\n' });
  const named = { name: 'docs', python: '3.13', tools: [], requirements: ['requirements.txt'], system: [] };
  const config: Config = {
    source: { kind: 'detected', notes: [] },
    toolchain: { python: '3.11', tools: [], requirements: [], system: [] },
    toolchains: [named],
    image: { base: 'auto' },
    services: [],
    cache: {},
    doctor: { ignore: [] },
    pipeline: [],
  };
  const inputsOf = async (toolchain: Config['toolchain']): Promise<ReturnType<typeof inputDigests>> => {
    const inputs = await lockInputs(dir, { ...config, toolchain });
    if (!inputs.ok) throw new Error(inputs.error.message);
    return inputs.value;
  };
  const lock = joinToolchains(
    { ...reference, inputs: await inputsOf(config.toolchain) },
    new Map([['docs', { ...docs, inputs: await inputsOf(named) }]]),
  );
  const moved = async (after: Config): Promise<string> => {
    const status = await checkLock(lock, dir, after);
    if (!status.ok) throw new Error(status.error.message);
    return describeChangedInputs(status.value.moved);
  };
  expect(await moved(config)).toBe('');
  expect(await moved({ ...config, toolchains: [{ ...named, python: '3.14' }] })).toBe('toolchains.docs.python changed');
  expect(await moved({ ...config, toolchains: [named, { ...named, name: 'lint' }] })).toBe('toolchains.lint appeared');
  expect(await moved({ ...config, toolchains: [] })).toBe('toolchains.docs vanished');
});
