import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { imageIdOn } from '../../src/image/identity.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { formatLock } from '../../src/lock/write.ts';
import { certificate } from '../support/certificate.ts';
import { addressOf, testEngines, type TestEngine } from '../support/engines.ts';
import { platform } from '../support/environment.ts';
import { must, referenceLock } from '../support/image.ts';
import { parityBin, scratchFolder, type Ended } from '../support/parity.ts';

// Every engine builds the reference lock's image from nothing, its base included, for a checkout, a user and a host of its own; the
// reference lock says what has to come out. Side by side, since much of a build is waiting.
const scratch = scratchFolder();
const hosts: Readonly<Record<TestEngine['name'], { readonly umask: string; readonly env: Record<string, string> }>> = {
  default: { umask: '002', env: { LANG: 'C', TZ: 'America/New_York' } },
  buildkit: { umask: '022', env: { LANG: 'C', TZ: 'Pacific/Kiritimati' } },
  containerd: { umask: '077', env: { LANG: 'de_DE.UTF-8', TZ: 'UTC' } },
  podman: { umask: '027', env: { LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' } },
};
const folderOf = (one: TestEngine): string => join(scratch.dir, `checkout of ${one.name} ü`);
const builds = new Map<string, Promise<Ended>>();

async function prepare(one: TestEngine): Promise<void> {
  const dir = folderOf(one);
  mkdirSync(dir);
  chmodSync(dir, 0o700);
  writeFileSync(join(dir, 'company.pem'), certificate);
  const configPath = join(dir, 'parity.yaml');
  writeFileSync(
    configPath,
    'version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [] }\npipeline: [{ name: one, run: python -V }]\n',
  );
  const lock = referenceLock();
  const inputs = must(await lockInputs(dir, must(await loadConfig({ dir, configPath }))));
  const platforms = { ...lock.platforms, [platform]: { image: null } };
  writeFileSync(join(dir, 'parity.lock.json'), formatLock({ ...lock, inputs, platforms }));
}

async function run(one: TestEngine, ...args: readonly string[]): Promise<Ended> {
  const dir = folderOf(one);
  const { umask, env } = hosts[one.name];
  const script = `umask ${umask}; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', script, process.execPath, parityBin, ...args], {
    cwd: dir,
    env: {
      ...process.env,
      ...env,
      ...(one.name === 'default' ? {} : { NODE_EXTRA_CA_CERTS: join(dir, 'company.pem') }),
      DOCKER_HOST: addressOf(one),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

beforeAll(async () => {
  for (const one of testEngines()) {
    await prepare(one);
    builds.set(one.name, run(one, 'build', '--no-cache', '--verbose'));
  }
});
afterAll(() => scratch.remove());

describe.each(testEngines())('the reference lock on the engine "$name"', (one) => {
  it('gives the image that the lock names, whatever the host’s umask, locale, certificates and folder', async () => {
    const built = await builds.get(one.name);
    expect(built?.code, built?.stderr).toBe(0);
    const { image } = (JSON.parse(readFileSync(join(folderOf(one), 'parity.lock.json'), 'utf8')) as Lock).platforms[
      platform
    ];
    // When this differs on all engines alike, the recipe has changed: `parity build` in the root, then commit the lock.
    const locked = referenceLock().platforms[platform].image;
    expect(image).toEqual(locked);
    if (locked === null) throw new Error('the reference lock names no image');
    const engine = createDockerEngine({ address: addressOf(one), source: 'test' });
    const wanted = imageIdOn(must(await engine.describe()), locked);
    const [reference = '', shown] = built?.stdout.split('\n') ?? [];
    expect([shown, must(await engine.inspectImage(reference))?.id]).toEqual([wanted, wanted]);
    await engine.close();
  });
});

// The containerd store's builder is BuildKit's, as the engine "buildkit" has it.
it.each(testEngines().filter(({ name }) => name !== 'containerd'))(
  'the own builder of the engine "$name" makes the same of Dockerfile.parity',
  async (one) => {
    await builds.get(one.name);
    const { config } = referenceLock().platforms[platform].image ?? {};
    expect(await run(one, 'build', '--check')).toMatchObject({
      code: 0,
      stdout: `the same image as the lock's: ${config}\n`,
    });
  },
);
