import {
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { imageIdOn } from '../../src/image/identity.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { formatLock } from '../../src/lock/write.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { bareLock, must } from '../support/image.ts';
import { parity, startParity, type Ended } from '../support/parity.ts';

const { address, engine, folder, test: it } = engineTest();
const dir = folder('a project ü');
const lockFile = join(dir, 'parity.lock.json');
const archive = join(dir, 'image.tar');
const env = {
  DOCKER_HOST: address,
  PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '',
  PARITY_LEASE_SECONDS: '5',
};
let reference = '';
let imageId = '';

const run = async (...args: readonly string[]): Promise<Ended> => await parity(args, { cwd: dir, env });
const presentId = async (): Promise<string | undefined> => must(await engine.inspectImage(reference))?.id;

beforeAll(async () => {
  mkdirSync(dir);
  const configPath = join(dir, 'parity.yaml');
  writeFileSync(
    configPath,
    'version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [], system: [] }\npipeline: [{ name: one, run: python -V }]\n',
  );
  const config = must(await loadConfig({ dir, configPath }));
  writeFileSync(lockFile, formatLock(bareLock({ inputs: must(await lockInputs(dir, config)) })));
  const built = await run('build');
  [reference = '', imageId = ''] = built.stdout.split('\n');
});
afterAll(async () => {
  if (reference !== '') await engine.removeImage(reference, { force: true });
});

it('an image that was saved is loaded as the same image, and the pipeline runs in it', async () => {
  const saved = await run('image', 'save', 'image.tar');
  expect(saved).toMatchObject({ code: 0 });
  expect(saved.stdout).toContain(imageId);
  must(await engine.removeImage(reference, { force: true }));
  expect(await presentId()).toBeUndefined();
  expect(await run('image', 'load', 'image.tar')).toMatchObject({ code: 0, stdout: `${reference}\n${imageId}\n` });
  expect(await presentId()).toBe(imageId);
  const ran = await run('up', '--frozen', '--verbose');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).not.toContain('Building');
});

it.each(testEngines().filter(({ name }) => name !== 'default'))(
  'the archive is the same image on the engine "$name"',
  async (one) => {
    const other = createDockerEngine({ address: addressOf(one), source: 'test' });
    const loaded = await parity(['image', 'load', 'image.tar'], {
      cwd: dir,
      env: { ...env, DOCKER_HOST: addressOf(one) },
    });
    const { image } = (JSON.parse(readFileSync(lockFile, 'utf8')) as Lock).platforms[platform];
    if (image === null) throw new Error('the build wrote no image down');
    const wanted = imageIdOn(must(await other.describe()), image);
    expect(loaded, loaded.stderr).toMatchObject({ code: 0, stdout: `${reference}\n${wanted}\n` });
    must(await other.removeImage(reference, { force: true }));
    await other.close();
  },
);

it('saving twice gives the same bytes', async () => {
  expect(await run('image', 'save', 'again.tar')).toMatchObject({ code: 0 });
  expect(Buffer.compare(readFileSync(archive), readFileSync(join(dir, 'again.tar')))).toBe(0);
});

it('one changed byte anywhere, or a missing end, is refused before the engine sees it', async () => {
  must(await engine.removeImage(reference, { force: true }));
  const harmed = join(dir, 'harmed.tar');
  const { size } = statSync(archive);
  // In layers, and in the first digest of each of the documents at the end.
  const end = readFileSync(archive).subarray(size - 20_000);
  const [index = 0, docker = 0] = ['"manifests":[', '"Config":'].map((key) => {
    const document = end.subarray(end.indexOf(key));
    return size - document.length + document.indexOf('sha256') + 20;
  });
  for (const at of [700, 1600, Math.floor(size / 3), Math.floor(size / 2), index, docker]) {
    copyFileSync(archive, harmed);
    const file = openSync(harmed, 'r+');
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, at);
    writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 0x20]), 0, 1, at);
    closeSync(file);
    const refused = await run('image', 'load', 'harmed.tar');
    expect([at, refused.code, refused.stderr]).toEqual([at, 3, expect.stringContaining('harmed.tar')]);
  }
  for (const length of [0, 600, Math.floor(size * 0.4), size - 8_000]) {
    copyFileSync(archive, harmed);
    truncateSync(harmed, length);
    expect([length, (await run('image', 'load', 'harmed.tar')).code]).toEqual([length, 3]);
  }
  expect(await presentId()).toBeUndefined();
});

it('a whole archive of another image is refused with both IDs', async () => {
  const before = readFileSync(lockFile, 'utf8');
  const lock = JSON.parse(before) as Lock;
  const { image } = lock.platforms[platform];
  if (image === null) throw new Error('the build wrote no image down');
  const other = `sha256:${'1'.repeat(64)}` as const;
  const platforms = { ...lock.platforms, [platform]: { image: { ...image, config: other } } };
  writeFileSync(lockFile, formatLock({ ...lock, platforms }));
  const refused = await run('image', 'load', 'image.tar');
  writeFileSync(lockFile, before);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`expected ${other}, found ${image.config}`);
});

it('a save that is killed or interrupted leaves no archive', async () => {
  expect(await run('image', 'load', 'image.tar')).toMatchObject({ code: 0 });
  for (const [signal, after] of [
    ['SIGINT', 1500],
    ['SIGINT', 3000],
    ['SIGKILL', 2500],
  ] as const) {
    const { child, ended } = startParity(['image', 'save', 'cut.tar'], { cwd: dir, env });
    setTimeout(() => child.kill(signal), after);
    const { code } = await ended;
    if (code === 0) continue;
    expect(readdirSync(dir)).not.toContain('cut.tar');
    if (signal === 'SIGINT') expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
});

it('a load that is killed or interrupted leaves the image or none', async () => {
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL', 'SIGINT'] as const) {
    must(await engine.removeImage(reference, { force: true }));
    const { child, ended } = startParity(['image', 'load', 'image.tar'], { cwd: dir, env });
    setTimeout(() => child.kill(signal), 300 + Math.random() * 1500);
    await ended;
    expect([undefined, imageId]).toContain(await presentId());
  }
  expect(await run('image', 'load', 'image.tar')).toMatchObject({ code: 0, stdout: `${reference}\n${imageId}\n` });
});
