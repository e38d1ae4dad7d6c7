// Another user of the machine prepares what parity would read from its cache, or from Node's.
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { parity, scratchFolder } from '../support/parity.ts';

const { dir, remove } = scratchFolder();
const cache = join(dir, '.parity-cache');
afterAll(remove);
afterEach(() => rmSync(cache, { recursive: true, force: true }));

test('attack: a cache folder in which others may write; held: nothing is read from it, and the command that mends it is told', async () => {
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  const refused = await parity(['history'], { cwd: dir });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`error: other users may write in parity's cache folder ${cache}\n`);
  expect(refused.stderr).toContain(`chmod go-w '${cache}'\n`);
  await parity(['--version'], { cwd: dir });
  expect(existsSync(join(cache, 'code'))).toBe(false);
  chmodSync(cache, 0o755);
  expect((await parity(['history'], { cwd: dir })).code).toBe(0);
});

test('attack: a cache folder of another user, or a link to one; held', async () => {
  // Only root can give a folder away.
  if (process.getuid?.() !== 0) return;
  mkdirSync(cache, { mode: 0o700 });
  chownSync(cache, 12_345, 12_345);
  const refused = await parity(['history'], { cwd: dir });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`error: parity's cache folder ${cache} belongs to another user (uid 12345)\n`);
  // Whom sudo was called by is nobody else.
  expect((await parity(['history'], { cwd: dir, env: { SUDO_UID: '12345' } })).code).toBe(0);
});

test('a new cache folder is closed to other users', async () => {
  await parity(['--version'], { cwd: dir });
  expect(statSync(cache).mode & 0o777).toBe(0o700);
});

test('attack: compiled code in the temporary folder that all users share; held: Node keeps it in the cache folder', async () => {
  const asked = join(dir, 'asked');
  const preload = join(dir, 'preload.cjs');
  // Stands in for a newer Node, and says which folder it is given.
  writeFileSync(
    preload,
    `require('node:module').enableCompileCache = (folder) => require('node:fs').writeFileSync(${JSON.stringify(asked)}, String(folder));\n`,
  );
  const { code } = await parity(['--version'], {
    cwd: dir,
    env: { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` },
  });
  expect(code).toBe(0);
  expect(readFileSync(asked, 'utf8')).toBe(join(cache, 'code', 'node'));
});
