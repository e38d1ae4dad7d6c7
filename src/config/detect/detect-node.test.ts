import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { git } from '../../../test/support/environment.ts';
import { folderOf, type Tree } from '../../../test/support/repo.ts';
import { detectConfig } from '../detect.ts';
import { projectFiles } from './files.ts';
import { detectNode } from './detect-node.ts';

const scripts = '"scripts": { "build": "x" }';
const members = `{ "workspaces": ["packages/*"] }`;

const projects: readonly (readonly [what: string, version: string | undefined, tree: Tree])[] = [
  ['no JavaScript', undefined, { 'a.py': '', '.nvmrc': '20\n' }],
  ['a package.json that only holds a hook runner', undefined, { 'package.json': '{"devDependencies":{"husky":"9"}}' }],
  ['scripts, and the version of a file at the top', '20', { 'ui/package.json': `{ ${scripts} }`, '.nvmrc': 'v20\r\n' }],
  ['a version for asdf', '22.1.0', { 'package.json': `{ ${scripts} }`, '.tool-versions': 'nodejs 22.1.0\n' }],
  ['a file beside the package', '22', { 'ui/package.json': `{ ${scripts} }`, 'ui/.node-version': '22\n' }],
  ['engines that refuse the usual one', '20', { 'package.json': `{ ${scripts}, "engines": { "node": "^20" } }` }],
  ['volta', '18.1.0', { 'package.json': `\uFEFF{ ${scripts}, "volta": { "node": "18.1.0" } }` }],
  ['types to check', '18', { 'ui/package.json': '{}', 'ui/tsconfig.json': '{}', '.nvmrc': '18' }],
  ['work in a workspace', '18', { 'package.json': members, 'packages/a/package.json': `{${scripts}}`, '.nvmrc': '18' }],
  [
    'a workspace of pnpm',
    '16',
    {
      'package.json': '{}',
      'pnpm-workspace.yaml': '',
      'pnpm-lock.yaml': '',
      'x/package.json': `{ ${scripts} }`,
      'x/.nvmrc': '18',
      '.nvmrc': '16',
    },
  ],
  [
    'package managers that a lock file and package.json name',
    '24',
    {
      'package.json': `{ ${scripts}, "packageManager": "pnpm@9.15.4+sha512.00ff", "engines": { "npm": ">=9" } }`,
      'pnpm-lock.yaml': `lockfileVersion: '9.0'\n${'# long\n'.repeat(1000)}`,
      'ui/package.json': `{ ${scripts} }`,
      'ui/yarn.lock': '# yarn lockfile v1\n',
    },
  ],
  [
    'what is vendored',
    undefined,
    { 'vendor/package.json': `{ ${scripts} }`, '.hidden/package.json': `{ ${scripts} }` },
  ],
  ['what git ignores', undefined, { '.gitignore': 'out/\n', 'out/package.json': `{ ${scripts} }` }],
  ['what is no JSON', undefined, { 'package.json': '{', '.nvmrc': '18' }],
];

describe('the Node of a project', () => {
  test.each(projects)('with %s is %s, as detection of everything says', async (_what, version, tree) => {
    vi.stubEnv('PARITY_CACHE_DIR', folderOf({}));
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const inGit of [false, true]) {
      const dir = folderOf({ ...tree, 'lost/package.json': `{ ${scripts} }` });
      if (inGit) {
        git(dir, 'init', '--quiet');
        git(dir, 'add', '--all');
      }
      rmSync(join(dir, 'lost/package.json'));
      if (!inGit && '.gitignore' in tree) continue;
      const files = await projectFiles(dir);
      if (!files.ok) throw new Error(files.error.message);
      const { node, managers = [] } = detectConfig(dir, files.value).config.toolchain;
      expect(node).toBe(version);
      // Told anew, then from what was told before.
      const value = node === undefined ? {} : { node, managers };
      expect(await detectNode(dir)).toEqual({ ok: true, value });
      expect(await detectNode(dir)).toEqual({ ok: true, value });
    }
  });
});

describe('the Node of a member of a workspace above its parity.yaml', () => {
  const tree: Tree = {
    'package.json': '{ "private": true, "workspaces": ["packages/*"], "packageManager": "pnpm@9.15.4" }',
    '.nvmrc': '22.1.0\n',
    'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
    'packages/web/package.json': `{ ${scripts} }`,
    'packages/api/package.json': `{ ${scripts}, "engines": { "node": "^20" }, "volta": { "node": "20.9.0" } }`,
    'tools/x/package.json': `{ ${scripts} }`,
  };
  const nodeOf = async (folder: string): Promise<object> => {
    vi.stubEnv('PARITY_CACHE_DIR', folderOf({}));
    onTestFinished(() => void vi.unstubAllEnvs());
    const dir = folderOf(tree);
    git(dir, 'init', '--quiet');
    const found = await detectNode(join(dir, folder));
    if (!found.ok) throw new Error(found.error.message);
    const { node, managers = [] } = found.value;
    return { node, managers: managers.map(({ name, version, file }) => `${name} ${version} of ${file}`) };
  };

  test("is the workspace's, with its package manager", async () => {
    expect(await nodeOf('packages/web')).toEqual({
      node: '22.1.0',
      managers: ['pnpm 9.15.4 of ../../package.json'],
    });
  });

  test('is its own where it says so', async () => {
    expect(await nodeOf('packages/api')).toMatchObject({
      node: '20.9.0',
      managers: [expect.stringMatching(/^pnpm 9/)],
    });
  });

  test('is of no workspace that does not name it', async () => {
    expect(await nodeOf('tools/x')).toEqual({ node: '24', managers: [] });
  });
});
