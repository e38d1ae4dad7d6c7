import { expect, it } from 'vitest';
import { folderOf, type Tree } from '../../../test/support/repo.ts';
import { detectConfig, type Detected } from '../detect.ts';
import type { ManagerWish } from '../config.ts';
import { projectFiles } from './files.ts';

async function detect(tree: Tree): Promise<Detected> {
  const dir = folderOf(tree);
  const files = await projectFiles(dir);
  if (!files.ok) throw new Error(files.error.message);
  return detectConfig(dir, files.value);
}

const manifest = (more: object): string => JSON.stringify({ scripts: { build: 'x' }, ...more });
const pnpmLock = (format: string): string => `lockfileVersion: '${format}'\n`;
const berryLock = (format: number): string => `# generated\n\n__metadata:\n  version: ${format}\n  cacheKey: 10\n`;

/** `pnpm 9.1.0 (package.json: packageManager)`. */
function told({ name, version, hash, isBound, file, key }: ManagerWish): string {
  return `${name} ${version}${isBound === true ? ' at least' : ''}${hash === undefined ? '' : ` #${hash}`} (${file}: ${key})`;
}

it.each<[what: string, tree: Tree, wishes: readonly string[]]>([
  ['nothing', { 'package.json': manifest({}), 'package-lock.json': '{}' }, []],
  [
    'npm by name',
    { 'package.json': manifest({ packageManager: 'npm@10.9.3', engines: { npm: '^10' } }) },
    ['npm 10.9.3 (package.json: packageManager)'],
  ],
  [
    'npm by volta',
    { 'package.json': manifest({ volta: { node: '20.1.0', npm: '9.8.0' } }) },
    ['npm 9.8.0 (package.json: volta.npm)'],
  ],
  [
    'npm by engines',
    { 'package.json': manifest({ engines: { npm: '>=9' } }) },
    ['npm >=9 at least (package.json: engines.npm)'],
  ],
  [
    'bun by name',
    { 'package.json': manifest({ packageManager: 'bun@1.2.3' }), 'bun.lock': '' },
    ['bun 1.2.3 (package.json: packageManager)'],
  ],
  [
    'bun by its version file',
    { 'package.json': manifest({ engines: { bun: '>=1' } }), 'bun.lockb': '', '.bun-version': 'v1.1.34\n' },
    ['bun 1.1.34 (.bun-version: version)'],
  ],
  [
    'bun by its lock file',
    { 'package.json': manifest({}), 'bun.lock': '' },
    ['bun >=1.2 <2 (bun.lock: lockfileVersion)'],
  ],
  [
    'pnpm with a hash',
    { 'package.json': manifest({ packageManager: 'pnpm@9.15.4+sha512.b2dc20' }), 'pnpm-lock.yaml': pnpmLock('9.0') },
    ['pnpm 9.15.4 #sha512.b2dc20 (package.json: packageManager)'],
  ],
  [
    'pnpm by devEngines',
    {
      'package.json': manifest({ devEngines: { packageManager: { name: 'pnpm', version: '^10.2.0' } } }),
      'pnpm-lock.yaml': pnpmLock('9.0'),
    },
    ['pnpm ^10.2.0 (package.json: devEngines.packageManager)'],
  ],
  [
    'pnpm by its lock file',
    { 'package.json': manifest({}), 'pnpm-lock.yaml': pnpmLock('6.0') },
    ['pnpm 8 (pnpm-lock.yaml: lockfileVersion)'],
  ],
  [
    'pnpm by engines, in the line that writes its lock file',
    { 'package.json': manifest({ engines: { pnpm: '>=7' } }), 'pnpm-lock.yaml': pnpmLock('6.0') },
    ['pnpm >=7 >=8.0.0 <9.0.0-0 (package.json: engines.pnpm)'],
  ],
  [
    'pnpm by .tool-versions',
    {
      'package.json': manifest({}),
      'pnpm-lock.yaml': pnpmLock('9.0'),
      '.tool-versions': 'nodejs 22.1.0\npnpm 9.4.0\n',
    },
    ['pnpm 9.4.0 (.tool-versions: pnpm)'],
  ],
  [
    'Yarn 1',
    { 'package.json': manifest({}), 'yarn.lock': '# yarn lockfile v1\n' },
    ['yarn 1 (yarn.lock: yarn lockfile v1)'],
  ],
  ['Yarn 3', { 'package.json': manifest({}), 'yarn.lock': berryLock(6) }, ['yarn 3 (yarn.lock: __metadata.version)']],
  [
    'a Yarn of the repository itself',
    {
      'package.json': manifest({}),
      'yarn.lock': berryLock(8),
      '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.5.3.cjs\n',
    },
    ['yarn 4.5.3 (.yarnrc.yml: yarnPath)'],
  ],
  [
    'a manager of each folder, and one at the top that has nothing to run',
    {
      'package.json': '{ "private": true, "packageManager": "pnpm@9.1.0" }',
      'web/package.json': manifest({}),
      'web/pnpm-lock.yaml': pnpmLock('9.0'),
      'admin/package.json': manifest({}),
      'admin/yarn.lock': '',
    },
    ['pnpm 9.1.0 (package.json: packageManager)', 'yarn 1 (admin/yarn.lock: yarn lockfile v1)'],
  ],
  ['what is no version', { 'package.json': manifest({ engines: { npm: 'please' }, packageManager: 'pnpm' }) }, []],
])('who asks for which package manager: %s', async (_, tree, wishes) => {
  const { config } = await detect(tree);
  expect((config.toolchain.managers ?? []).map(told)).toEqual(wishes);
});

it('two versions of one are something to look at', async () => {
  const { decisions } = await detect({
    'a/package.json': manifest({ packageManager: 'pnpm@9.1.0' }),
    'b/package.json': manifest({ packageManager: 'pnpm@10.0.0' }),
  });
  expect(decisions.find(({ subject }) => subject === 'pnpm')).toMatchObject({
    severity: 'warning',
    choice: '9.1.0',
    why: 'a/package.json: packageManager; b/package.json asks for 10.0.0, and the image has one pnpm',
  });
});

const workspace: Tree = {
  'packages/a/package.json': '{ "name": "@x/a", "scripts": { "test": "node t.js", "build": "x" } }',
  'packages/b/package.json': '{ "name": "@x/b", "scripts": { "test": "node t.js" } }',
};

it.each<[what: string, tree: Tree, commands: readonly string[]]>([
  [
    'pnpm',
    {
      'package.json': '{ "scripts": { "lint": "pnpm -r lint" } }',
      'pnpm-lock.yaml': pnpmLock('9.0'),
      'pnpm-workspace.yaml': 'packages:\n  # all\n  - \'packages/*\'\n  - "!**/old"\n',
      'packages/old/package.json': '{ "scripts": { "lint": "x" } }',
      'tsconfig.json': '{}',
    },
    [
      'pnpm install --frozen-lockfile',
      'pnpm exec tsc --noEmit',
      'pnpm run lint',
      'pnpm --recursive run test',
      'pnpm --recursive run build',
    ],
  ],
  [
    'Yarn',
    {
      'package.json': '{ "workspaces": ["packages/*"], "scripts": { "lint": "x" } }',
      'yarn.lock': berryLock(8),
      '.yarnrc.yml': 'nodeLinker: node-modules\n',
      'tsconfig.json': '{}',
    },
    [
      'yarn install --immutable',
      'yarn run tsc --noEmit',
      'yarn run lint',
      'yarn workspace @x/a run test && yarn workspace @x/b run test',
      'yarn workspace @x/a run build',
    ],
  ],
  [
    'npm',
    {
      'package.json': '{ "workspaces": ["./packages/*", "!packages/b"] }',
      'package-lock.json': '{}',
      'tsconfig.json': '{}',
    },
    ['npm ci', 'npx tsc --noEmit', 'npm run test --workspaces --if-present', 'npm run build --workspaces --if-present'],
  ],
])('the steps of a workspace are those of its package manager: %s', async (_, tree, commands) => {
  const { config } = await detect({ ...workspace, ...tree });
  const steps = config.pipeline.filter(
    ({ name }) => name.startsWith('ui') || name.startsWith('old') || name.startsWith('b-'),
  );
  expect(steps.filter(({ cwd }) => cwd === '.').map(({ run }) => run)).toEqual(commands);
});

it('a workspace has a volume for each member, and is installed by what decides it', async () => {
  const { config } = await detect({
    ...workspace,
    'package.json': '{}',
    'pnpm-lock.yaml': pnpmLock('9.0'),
    'pnpm-workspace.yaml': 'packages: [packages/*]\n',
    'tools/package.json': '{}',
    'patches/ms.patch': '',
  });
  expect(config.pipeline[0]).toMatchObject({
    run: 'pnpm install --frozen-lockfile',
    inputs: [
      'package.json',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'patches/**',
      'packages/a/package.json',
      'packages/b/package.json',
    ],
    volumes: ['node_modules', 'packages/a/node_modules', 'packages/b/node_modules'],
    cache: true,
  });
});
