import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProject, loadConfig } from '../../src/config/load.ts';
import type { Digest } from '../../src/core/digest.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { formatLock } from '../../src/lock/write.ts';
import { parity, scratchFolder, type Ended } from '../support/parity.ts';

const config = `version: 1
toolchain:
  python: "3.11"
  tools: [black==25.9.0]
  requirements: [core/requirements.txt]
pipeline:
  - name: format
    run: black --check core/
`;
const digest: Digest = `sha256:${'a'.repeat(64)}`;

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  mkdirSync(join(scratch.dir, '.git'));
  write('parity.yaml', config);
  write('core/requirements.txt', '-r base.txt\nredis==5.0.1\n');
  write('core/base.txt', 'flask\n');
});
afterEach(() => {
  scratch.remove();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch.dir, path)), { recursive: true });
  writeFileSync(join(scratch.dir, path), text);
}

/** Writes a lock that answers to the inputs as they are now. */
async function writeCurrentLock(): Promise<void> {
  const project = await findProject(scratch.dir);
  if (!project.ok) throw new Error(project.error.message);
  const loaded = await loadConfig(project.value);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const inputs = await lockInputs(scratch.dir, loaded.value);
  if (!inputs.ok) throw new Error(inputs.error.message);
  const lock: Lock = {
    version: 1,
    parity: '0.1.0',
    inputs: inputs.value,
    base: { kind: 'registry', image: 'python:3.11-slim-bookworm', digest },
    python: { version: '3.11.9', packages: [] },
    uv: { version: '0.13.9', hashes: [digest] },
    system: { 'linux/amd64': [], 'linux/arm64': [] },
    platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } },
  };
  write('parity.lock.json', formatLock(lock));
}

// There is no engine: everything here is answered without one.
function lock(...args: string[]): Promise<Ended> {
  return parity(['lock', ...args], { cwd: scratch.dir, env: { DOCKER_HOST: 'unix:///nonexistent/engine.sock' } });
}

describe('parity lock, without an engine', () => {
  it('says that an up-to-date lock is one, with --check and without', async () => {
    await writeCurrentLock();
    const before = readFileSync(join(scratch.dir, 'parity.lock.json'), 'utf8');
    for (const args of [['--check'], []])
      expect(await lock(...args)).toMatchObject({ code: 0, stdout: 'parity.lock.json is up to date\n' });
    expect(readFileSync(join(scratch.dir, 'parity.lock.json'), 'utf8')).toBe(before);
  });

  it('stays up to date when comments, line ends and unrelated files change', async () => {
    await writeCurrentLock();
    write('core/requirements.txt', '# ours\r\n-r base.txt\r\nredis==5.0.1  # cache\r\n');
    write('core/app.py', 'x = 1\n');
    expect((await lock('--check')).code).toBe(0);
  });

  it('exits 1 when stale, naming every input that moved', async () => {
    await writeCurrentLock();
    write('core/base.txt', 'flask>=3\n');
    write('core/requirements.txt', '-r base.txt\n-r more.txt\nredis==5.0.1\n');
    write('core/more.txt', 'httpx\n');
    write('parity.yaml', config.replace('25.9.0', '25.1.0'));
    expect(await lock('--check')).toMatchObject({
      code: 1,
      stdout: `parity.lock.json is stale:
  core/base.txt changed
  core/more.txt appeared
  core/requirements.txt changed
  toolchain.tools changed
Run: parity lock
`,
    });
    const json = await lock('--check', '--reporter', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      type: 'lock-finished',
      status: 'stale',
      moved: expect.arrayContaining([{ input: 'core/more.txt', change: 'appeared' }]) as unknown,
    });
  });

  it('exits 2 when there is no lock to check', async () => {
    const ended = await lock('--check');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('there is no parity.lock.json here');
    expect(ended.stderr).toContain('parity lock, then commit parity.lock.json');
  });

  it('exits 2 on conflict markers, with what to type', async () => {
    await writeCurrentLock();
    const text = readFileSync(join(scratch.dir, 'parity.lock.json'), 'utf8');
    write('parity.lock.json', text.replace('"uv": {', '<<<<<<< HEAD\n  "uv": {\n=======\n>>>>>>> theirs'));
    const ended = await lock('--check');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('parity.lock.json holds an unresolved merge conflict');
    expect(ended.stderr).toContain('git checkout --theirs parity.lock.json && parity lock');
  });

  it('exits 2 on a requirement that cannot be locked, underlining it', async () => {
    write('core/base.txt', 'flask\nshop @ git+https://git.example/shop\n');
    const ended = await lock();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      'core/base.txt:2:1: error: shop comes from https://git.example/shop without a commit',
    );
    expect(ended.stderr).toContain('^^^^^^^^^^^^^^^^');
    expect(ended.stderr).toContain('next: git ls-remote https://git.example/shop HEAD');
  });

  it('exits 2 on a lock of a newer parity, and keeps it', async () => {
    write('parity.lock.json', '{"version": 9, "parity": "4.0.0"}\n');
    const ended = await lock();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('npm install --global parity@4.0.0');
    expect(readFileSync(join(scratch.dir, 'parity.lock.json'), 'utf8')).toBe('{"version": 9, "parity": "4.0.0"}\n');
  });

  it('exits 3 when it has to resolve, and writes nothing', async () => {
    const ended = await lock();
    expect(ended.code).toBe(3);
    expect(() => readFileSync(join(scratch.dir, 'parity.lock.json'))).toThrow('ENOENT');
  });
});
