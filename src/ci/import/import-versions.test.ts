import { expect, it } from 'vitest';
import { folderOf, type Tree } from '../../../test/support/repo.ts';
import { importCi } from '../../app/init/import-ci.ts';
import { detectRepo } from '../../config/detect.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { readRepo } from '../../config/detect/repo.ts';
import type { Imported } from './import-pipelines.ts';
import type { Toolchain } from '../../config/config.ts';

/** What is imported of a repository whose workflow has one job of these steps. */
async function importOf(steps: string, tree: Tree): Promise<Pick<Imported, 'config' | 'decisions'>> {
  const dir = folderOf({
    '.github/workflows/ci.yml': `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`,
    ...tree,
  });
  const files = await projectFiles(dir);
  const listed = files.ok ? files.value : [];
  const repo = readRepo(dir, listed);
  const target = { dir, files: listed, repo, detected: detectRepo(repo) };
  const imported = await importCi(target, { cwd: dir, from: 'auto' });
  if (!imported.ok) throw new Error(imported.error.message);
  return imported.value;
}

async function toolchainOf(steps: string, tree: Tree): Promise<Toolchain> {
  return (await importOf(steps, tree)).config.toolchain;
}

const makefile = (command: string): Tree => ({ Makefile: `test:\n\t${command}\n` });
const use = (action: string, input: string): string => `      - uses: ${action}\n        with: { ${input} }\n`;
const run = (command: string): string => `      - run: ${command}\n`;

it.each<[what: string, steps: string, tree: Tree, tool: string | undefined]>([
  ['setup-uv', use('astral-sh/setup-uv@v6', 'version: "0.9.2"'), makefile('uv run pytest'), 'uv==0.9.2'],
  ['a part of it', use('astral-sh/setup-uv@v6', 'version: "0.9.x"'), makefile('uv run pytest'), 'uv==0.9.*'],
  ['a range of it', use('astral-sh/setup-uv@v6', 'version: ">=0.8"'), makefile('uv run pytest'), 'uv>=0.8'],
  ['the newest', use('astral-sh/setup-uv@v6', 'version: latest'), makefile('uv run pytest'), 'uv'],
  ['install-poetry', use('snok/install-poetry@v1', 'version: 1.8.3'), makefile('poetry run pytest'), 'poetry==1.8.3'],
  [
    'setup-uv, by a file',
    use('astral-sh/setup-uv@v6', 'version-file: ops/.tool-versions'),
    { ...makefile('uv run pytest'), 'ops/.tool-versions': 'python 3.11.2\nuv 0.8.4\n' },
    'uv==0.8.4',
  ],
  [
    'setup-uv, by a requirement',
    use('astral-sh/setup-uv@v6', 'version-file: requirements.txt'),
    { ...makefile('uv run pytest'), 'requirements.txt': 'six\nuv==0.8.5 ; python_version > "3.8"\n' },
    'uv==0.8.5',
  ],
  [
    'setup-uv, which reads what the project requires',
    '      - uses: astral-sh/setup-uv@v6\n',
    { ...makefile('uv run pytest'), 'pyproject.toml': '[tool.uv]\nrequired-version = ">=0.8,<0.9"\n' },
    'uv>=0.8,<0.9',
  ],
  [
    'what the project requires',
    '',
    { ...makefile('uv run pytest'), 'uv.toml': 'required-version = "0.8.6"\n' },
    'uv==0.8.6',
  ],
  ['pip', run('pip install poetry==1.8.3'), makefile('poetry run pytest'), 'poetry==1.8.3'],
  [
    'setup-uv, which nox finds',
    use('astral-sh/setup-uv@v6', 'version: "0.9.2"'),
    makefile('nox -s tests'),
    'uv==0.9.2',
  ],
  [
    'setup-uv, which a tox-uv without one finds',
    use('astral-sh/setup-uv@v6', 'version: "0.9.2"'),
    { ...makefile('tox run -e lint'), 'tox.ini': '[tox]\nrequires =\n    tox-uv-bare\n' },
    'uv==0.9.2',
  ],
  ['setup-uv, which no step runs', use('astral-sh/setup-uv@v6', 'version: "0.9.2"'), makefile('pytest'), undefined],
])('what steps run has the version that CI sets up: %s', async (_, steps, tree, tool) => {
  const { tools } = await toolchainOf(`${steps}${run('make test')}`, tree);
  expect(tools.find((line) => /^(?:uv|poetry)\b/.test(line))).toBe(tool);
});

it.each<[what: string, steps: string, managers: readonly string[]]>([
  ['an action', use('pnpm/action-setup@v4', 'version: 9'), ['pnpm 9']],
  ['npm', run('npm install -g npm@11.6.0 pnpm@9'), ['npm 11.6.0', 'pnpm 9']],
  ['corepack', run('corepack prepare pnpm@9.15.4 --activate'), ['pnpm 9.15.4']],
  ['an action for bun', use('oven-sh/setup-bun@v2', 'bun-version: 1.2.3'), ['pnpm 10', 'bun 1.2.3']],
  ['nobody', '', ['pnpm 10']],
])('package managers are those that CI puts into PATH: %s', async (_, steps, expected) => {
  const tree = { 'package.json': '{ "scripts": { "test": "x" } }', 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" };
  const { managers = [] } = await toolchainOf(`${steps}${run('pnpm install')}${run('pnpm test')}`, tree);
  expect(managers.map(({ name, version }) => `${name} ${version}`)).toEqual(expected);
});

it('an action that installs a requirements file is that installation', async () => {
  const tree = { 'requirements/pytest.txt': 'pytest==9.1.1\n' };
  const action = use('py-actions/py-dependency-install@v4', 'path: requirements/pytest.txt');
  const { requirements } = await toolchainOf(`${action}${run('python -Im pytest tests')}`, tree);
  expect(requirements).toEqual(['requirements/pytest.txt']);
});

it('coverage that comes with coveralls is told as that', async () => {
  const steps = `${run('pip install pytest coveralls')}${run('coverage run -m pytest')}`;
  const { decisions } = await importOf(steps, {});
  expect(decisions.find(({ subject }) => subject === 'coverage')).toMatchObject({
    choice: 'coverage',
    why: '.github/workflows/ci.yml:6: coveralls brings it',
  });
});
