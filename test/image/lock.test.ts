import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { ContainerInfo } from '../../src/engine/engine.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { engineTest } from '../support/engine-test.ts';
import { parity, scratchFolder, startParity, type Ended } from '../support/parity.ts';

const { address, engine, test: it } = engineTest();

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  mkdirSync(join(scratch.dir, '.git'));
});
afterEach(() => {
  scratch.remove();
});
function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch.dir, path)), { recursive: true });
  writeFileSync(join(scratch.dir, path), text);
}

function toolchain(tools: string, more = ''): void {
  write(
    'parity.yaml',
    `version: 1\ntoolchain:\n  python: "3.11"\n  tools: [${tools}]\n${more}\nimage: { base: debian }\npipeline:\n  - { name: a, run: "true" }\n`,
  );
}

function lock(...args: string[]): Promise<Ended> {
  return parity(['lock', ...args], { cwd: scratch.dir, env: { DOCKER_HOST: address } });
}

function text(): string {
  return readFileSync(join(scratch.dir, 'parity.lock.json'), 'utf8');
}

function versionOf(name: string): string | undefined {
  return (JSON.parse(text()) as Lock).python.packages.find((one) => one.name === name)?.version;
}

async function lockContainers(): Promise<readonly ContainerInfo[]> {
  const containers = await engine.listContainers(['dev.parity.kind=lock', `dev.parity.project=${scratch.dir}`]);
  if (!containers.ok) throw new Error(containers.error.message);
  return containers.value;
}

async function resolving(): Promise<boolean> {
  return (await lockContainers()).some(({ state }) => state === 'running');
}

async function gone(): Promise<boolean> {
  return (await lockContainers()).length === 0;
}

describe('parity lock', () => {
  it('gives the same bytes twice, for both platforms, with every hash', async () => {
    toolchain('black==25.9.0, "sqlalchemy[asyncio]==2.0.23"', '  node: "24"\n  requirements: [über/req.txt]');
    write('über/req.txt', 'psycopg2==2.9.9\r\n');
    const first = await lock();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('+ black 25.9.0\n');
    const bytes = text();
    const locked = JSON.parse(bytes) as Lock;
    expect(locked.python.packages.every(({ hashes }) => hashes.length > 0)).toBe(true);
    expect(locked.python.packages.find(({ name }) => name === 'psycopg2')).toMatchObject({
      sdist: true,
      via: ['über/req.txt'],
    });
    expect(locked.node?.platforms['linux/arm64'].version).toBe(locked.node?.platforms['linux/amd64'].version);
    expect(bytes).not.toMatch(/https?:/);

    rmSync(join(scratch.dir, 'parity.lock.json'));
    expect((await lock()).code).toBe(0);
    expect(text()).toBe(bytes);
    // Resolved once more with everything to keep.
    write('über/req.txt', 'psycopg2<3\n');
    expect((await lock()).stdout).toBe('wrote parity.lock.json: no pin changed\n');
    write('über/req.txt', 'psycopg2==2.9.9\n');
    expect((await lock()).code).toBe(0);
    expect(text()).toBe(bytes);
  });

  it('keeps its pins when a requirement is loosened, and leaves them with --upgrade', async () => {
    toolchain('pytest==8.3.4, packaging==24.1');
    expect((await lock()).code).toBe(0);
    toolchain('pytest, packaging');
    expect((await lock()).stdout).toBe('wrote parity.lock.json: no pin changed\n');
    expect([versionOf('pytest'), versionOf('packaging')]).toEqual(['8.3.4', '24.1']);
    const one = await lock('--upgrade', 'pytest');
    expect(one.stdout).toMatch(/^~ pytest 8\.3\.4 → /m);
    expect(versionOf('packaging')).toBe('24.1');
    expect((await lock('--upgrade')).stdout).toMatch(/^~ packaging 24\.1 → /m);
    expect(await lock('--upgrade', 'flask')).toMatchObject({ code: 2, stdout: '' });
  });

  it('explains a conflict by who asks for what, exits 2 and leaves the old lock', async () => {
    toolchain('sqlalchemy==2.0.23', '  requirements: [core/requirements.txt]');
    write('core/requirements.txt', 'redis\n');
    expect((await lock()).code).toBe(0);
    const before = text();
    write('core/requirements.txt', 'redis\n\nsqlalchemy==2.0.20\n');
    const ended = await lock();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('core/requirements.txt:3 asks sqlalchemy==2.0.20');
    expect(ended.stderr).toContain('toolchain.tools in parity.yaml:4 asks sqlalchemy==2.0.23');
    expect(text()).toBe(before);
  });

  it('says which platform a package has nothing for', async () => {
    toolchain('pywin32==306');
    const ended = await lock();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('pywin32 306 has nothing to install on linux/');
  });

  it('killed half-way leaves the old lock, no other file, and no container for long', async () => {
    toolchain('pytest==8.3.4');
    expect((await lock()).code).toBe(0);
    const before = text();
    toolchain('pytest==8.3.5');
    // The first lock's own container may take a moment to go.
    await vi.waitUntil(gone, { timeout: 10_000, interval: 50 });
    const { child, ended } = startParity(['lock'], { cwd: scratch.dir, env: { DOCKER_HOST: address } });
    await vi.waitUntil(resolving, { timeout: 60_000, interval: 20 });
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    expect(text()).toBe(before);
    expect(readdirSync(scratch.dir).filter((name) => name.includes('lock'))).toEqual(['parity.lock.json']);
    await vi.waitUntil(gone, { timeout: 60_000, interval: 200 });
    expect((await lock()).stdout).toContain('~ pytest 8.3.4 → 8.3.5\n');
  });

  it('interrupted by Ctrl-C ends before its resolver does and leaves nothing', async () => {
    toolchain('pytest==8.3.4');
    expect((await lock()).code).toBe(0);
    const before = text();
    toolchain('pytest==8.3.5');
    // The first lock's own container may take a moment to go.
    await vi.waitUntil(gone, { timeout: 10_000, interval: 50 });
    const { child, ended } = startParity(['lock'], { cwd: scratch.dir, env: { DOCKER_HOST: address } });
    await vi.waitUntil(resolving, { timeout: 60_000, interval: 20 });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, signal: null, stdout: '' });
    expect(text()).toBe(before);
    await vi.waitUntil(gone, { timeout: 10_000, interval: 50 });
  });

  it('removes what a parity that was killed at the wrong moment has left', async () => {
    toolchain('pytest==8.3.4');
    const image = await engine.listImages(['dev.parity.kind=uv']);
    if (!image.ok || image.value[0] === undefined) throw new Error('no image to make a container of');
    const labels = { 'dev.parity.kind': 'lock', 'dev.parity.project': scratch.dir, 'dev.parity.made-at': '0' };
    await engine.createContainer({ image: image.value[0].id, command: ['true'], labels });
    expect(await gone()).toBe(false);
    expect((await lock()).code).toBe(0);
    await vi.waitUntil(gone, { timeout: 10_000, interval: 50 });
  });
});
