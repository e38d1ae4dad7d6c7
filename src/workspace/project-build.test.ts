import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectBuildKey } from './project-build.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parity-'));
  await writeFile(join(dir, 'pyproject.toml'), '[project]\nreadme = "docs/about.md"\n');
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const usual: Readonly<Record<string, string>> = {
  'app/pyproject.toml': '1',
  'app/docs/about.md': '2',
  'app/docs/more.md': '3',
  'app/src/shop/__init__.py': '4',
  'app/src/shop/cart.py': '5',
  'app/src/shop/_fast.pyx': '6',
  'app/tests/test_cart.py': '7',
  'other/setup.py': '8',
};

async function key(
  changes: Readonly<Record<string, string | undefined>>,
  how: { readonly editable?: false } = {},
): Promise<string> {
  const files = Object.entries({ ...usual, ...changes }).flatMap(([path, digest]) =>
    digest === undefined ? [] : [{ path, digest, mode: '100644' as const }],
  );
  const projects = [{ path: '.', backend: 'x', ...how }];
  return await projectBuildKey({ projects, network: 'none', projectDir: dir, project: 'app', files });
}

it('changes with what a build reads, and not with what an editable installation finds by itself', async () => {
  const before = await key({});
  for (const path of ['app/src/shop/cart.py', 'app/tests/test_cart.py', 'app/docs/more.md', 'other/setup.py'])
    expect(await key({ [path]: 'new' }), path).toBe(before);
  expect(await key({ 'app/src/shop/gift.py': 'new' })).toBe(before);
  for (const path of ['app/pyproject.toml', 'app/docs/about.md', 'app/src/shop/_fast.pyx', 'app/src/shop/__init__.py'])
    expect(await key({ [path]: 'new' }), path).not.toBe(before);
  expect(await key({ 'app/src/gift/__init__.py': 'new' })).not.toBe(before);
  expect(await key({ 'app/README.md': 'new' })).not.toBe(before);
});

it('changes with every file of a project that is installed as its wheel, and with nothing outside it', async () => {
  const wheel = { editable: false } as const;
  const before = await key({}, wheel);
  expect(before).not.toBe(await key({}));
  for (const path of ['app/src/shop/cart.py', 'app/tests/test_cart.py', 'app/docs/more.md'])
    for (const digest of ['new', undefined]) expect(await key({ [path]: digest }, wheel), path).not.toBe(before);
  expect(await key({ 'app/src/shop/prices.txt': 'new' }, wheel)).not.toBe(before);
  expect(await key({ 'other/setup.py': 'new' }, wheel)).toBe(before);
});
