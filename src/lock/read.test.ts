import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../core/digest.ts';
import type { Failure } from '../core/failure.ts';
import type { Lock } from './lock.ts';
import { parseLock, readLock } from './read.ts';
import { formatLock, writeLock } from './write.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const npm = { name: 'npm', version: '11.6.0', integrity: 'sha512-AAAA==' };
const lock: Lock = {
  version: 1,
  parity: '0.1.0',
  inputs: { 'toolchain.tools': digest, 'core/requirements.txt': digest },
  base: { kind: 'registry', image: 'python:3.11-slim-bookworm', digest },
  python: {
    version: '3.11.9',
    packages: [{ name: 'black', version: '25.9.0', hashes: [digest], via: ['toolchain.tools'] }],
  },
  uv: { version: '0.13.9', hashes: [digest] },
  node: { version: '24.9.0', platforms: { 'linux/amd64': npm, 'linux/arm64': npm }, npm },
  system: { 'linux/amd64': [], 'linux/arm64': [] },
  platforms: {
    'linux/amd64': { image: null },
    'linux/arm64': { image: { config: digest, manifest: digest, recipe: digest } },
  },
};
const text = formatLock(lock);

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parity-'));
  process.env['PARITY_CACHE_DIR'] = join(dir, 'cache');
});
afterEach(async () => {
  delete process.env['PARITY_CACHE_DIR'];
  await rm(dir, { recursive: true, force: true });
});

async function refused(broken: string): Promise<Failure> {
  const result = await parseLock(broken);
  if (result.ok) throw new Error('it was read');
  return result.error;
}

function places({ diagnostics = [] }: Failure): string[] {
  return diagnostics.map(({ span, message }) => `${span.line}:${span.column} ${message}`);
}

describe('a lock', () => {
  it('is written with sorted keys, two spaces and a final newline, and read back', async () => {
    expect(await writeLock(dir, lock)).toEqual({ ok: true, value: { changed: true } });
    const written = await readFile(join(dir, 'parity.lock.json'), 'utf8');
    expect(written.endsWith('}\n')).toBe(true);
    expect(written.slice(0, 40)).toBe('{\n  "base": {\n    "digest": "sha256:aaaa');
    expect(await readLock(dir)).toEqual({ ok: true, value: lock });
    // The second time the schema is not asked: the bytes are known to be good.
    expect(await readLock(dir)).toEqual({ ok: true, value: lock });
  });

  it('is not touched when it says the same already', async () => {
    await writeLock(dir, lock);
    const before = (await stat(join(dir, 'parity.lock.json'))).ino;
    expect(await writeLock(dir, lock)).toEqual({ ok: true, value: { changed: false } });
    expect((await stat(join(dir, 'parity.lock.json'))).ino).toBe(before);
  });

  it('may be missing', async () => {
    expect(await readLock(dir)).toEqual({ ok: true, value: undefined });
  });

  it('that was good and is broken now is refused, known bytes or not', async () => {
    await writeLock(dir, lock);
    await readLock(dir);
    await writeFile(join(dir, 'parity.lock.json'), text.replace(digest, 'sha256:short'));
    const again = await readLock(dir);
    expect(again.ok ? undefined : again.error.reason).toBe('lock-invalid');
  });
});

describe('a lock that parity did not write', () => {
  it('with conflict markers is told how to be mended', async () => {
    const error = await refused(`{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> theirs\n}\n`);
    expect(error).toMatchObject({
      reason: 'lock-invalid',
      message: 'parity.lock.json holds an unresolved merge conflict',
      next: 'git checkout --theirs parity.lock.json && parity lock',
    });
    expect(places(error)).toEqual(['2:1 a merge conflict marker']);
  });

  it('of a newer format names the parity to get', async () => {
    expect(await refused(text.replace('"version": 1\n', '"version": 3\n').replace('0.1.0', '3.0.0'))).toMatchObject({
      reason: 'lock-too-new',
      message: expect.stringContaining('format 3, written by parity 3.0.0') as string,
      next: 'npm install --global parity@3.0.0',
    });
  });

  it.each([
    ['cut off', text.slice(0, 100)],
    ['empty', ''],
    ['with a comma too many', text.replace('"kind": "registry"', '"kind": "registry",,')],
    ['with a bare word', text.replace('"kind": "registry"', '"kind": registry')],
  ])('%s is not JSON', async (_what, broken) => {
    const error = await refused(broken);
    expect(error.reason).toBe('lock-invalid');
    expect(places(error)[0]).toContain('it is not JSON');
  });

  it('tells the line of a mistake in JSON', async () => {
    const error = await refused(text.replace('"kind": "registry"', '"kind": registry'));
    expect(places(error)[0]).toMatch(/^5:\d+ /);
  });

  it('tells every wrong place with line and column', async () => {
    const broken = text
      .replace('"sha512-AAAA=="', '"md5-x"')
      .replace('"name": "black"', '"name": "Black!"')
      .replace('"linux/arm64": []', '"linux/s390x": []');
    const found = places(await refused(broken));
    const line = (part: string): number => broken.slice(0, broken.indexOf(part)).split('\n').length;
    expect(found).toHaveLength(4);
    expect(found[0]).toMatch(new RegExp(`^${line('"Black!"')}:17 python\\.packages\\.0\\.name: `));
    expect(found[1]).toMatch(new RegExp(`^${line('"md5-x"')}:20 node\\..*integrity: `));
    expect(found.slice(2).join('\n')).toMatch(/linux\/arm64[\s\S]*s390x|s390x[\s\S]*linux\/arm64/);
  });

  it('without one of the platforms is refused', async () => {
    const { platforms: _platforms, ...rest } = lock;
    const error = await refused(JSON.stringify({ ...rest, platforms: { 'linux/amd64': { image: null } } }));
    expect(places(error)[0]).toContain('linux/arm64');
  });
});
