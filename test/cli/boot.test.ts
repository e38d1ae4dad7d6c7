import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageFileDigest } from '../../src/core/package-file.ts';
import { packageRoot } from '../../src/core/paths.ts';
import { builtInCheckFiles } from '../../src/environment/built-in-checks.ts';
import { supervisorPaths } from '../../src/environment/protocol.ts';
import { pytestPluginFiles } from '../../src/environment/pytest-plugins.ts';
import { parity, scratchFolder } from '../support/parity.ts';

// Newer Nodes keep compiled code themselves.
const keepsCode = !('enableCompileCache' in module);
const { dir, remove } = scratchFolder();
const code = join(dir, '.parity-cache', 'code');
afterAll(remove);

const version = async (): Promise<string> => (await parity(['--version'], { cwd: dir })).stdout;

test('the program’s compiled code is kept, a damaged one is made anew, another build’s goes', async () => {
  const first = await version();
  expect(first).toMatch(/^\d+\.\d+\.\d+\n$/);
  if (!keepsCode) return;
  const [kept = ''] = readdirSync(code);
  const bytes = readFileSync(join(code, kept));
  expect(await version()).toBe(first);
  expect(readFileSync(join(code, kept))).toEqual(bytes);
  truncateSync(join(code, kept), 10_000);
  writeFileSync(join(code, 'v1-x64-1-1-up.bin'), '');
  expect(await version()).toBe(first);
  expect(readdirSync(code)).toEqual([kept]);
  expect(readFileSync(join(code, kept)).length).toBeGreaterThan(10_000);
});

test('nothing depends on it: no folder can be made for it', async () => {
  rmSync(join(dir, '.parity-cache'), { recursive: true, force: true });
  writeFileSync(join(dir, '.parity-cache'), 'a file');
  expect(await version()).toMatch(/^\d+\.\d+\.\d+\n$/);
  rmSync(join(dir, '.parity-cache'));
  mkdirSync(join(dir, '.parity-cache'));
});

test('the program knows the files that containers and images get, as they are', () => {
  const program = readFileSync(join(packageRoot(), 'dist', 'run.cjs'), 'latin1');
  const known = new Map(
    [...program.matchAll(/"([^"]+)":"(sha256:[0-9a-f]{64})"/g)].map(([, path, digest]) => [path, digest]),
  );
  const files = [
    'Dockerfile.parity',
    'images/toolchain.py',
    ...supervisorPaths,
    ...pytestPluginFiles,
    ...builtInCheckFiles,
  ];
  expect(files.map((path) => known.get(path))).toEqual(files.map(packageFileDigest));
});
