import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { folderOf, type Tree } from '../../../test/support/repo.ts';
import type { Config } from '../../config/config.ts';
import { loadProjectConfig } from './project-config.ts';

let cache = '';

beforeEach(() => {
  cache = folderOf({});
  process.env['XDG_CACHE_HOME'] = cache;
});

function repository(tree: Tree): string {
  const dir = folderOf(tree);
  execFileSync('git', ['init', '-q'], { cwd: dir });
  return dir;
}

async function load(dir: string): Promise<Config> {
  const config = await loadProjectConfig({ dir });
  if (!config.ok) throw new Error(config.error.message);
  return config.value;
}

const commandsOf = ({ pipeline }: Config): readonly string[] => pipeline.map(({ run }) => run);

const workflow = (steps: string, more = ''): string =>
  `on: [push]\n${more}jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;

test('without a parity.yaml CI decides: its commands, its Python, its folder, its variables; and no tool that only stands in the requirements', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow(
      `      - uses: actions/setup-python@v5
        with: { python-version: "3.13" }
      - run: pip install -r requirements.txt
      - run: mypy --strict src/app
      - run: python -m pytest tests -x
        working-directory: src
        env: { MODE: ci }
`,
    ),
    'requirements.txt': 'pytest\nmypy\nblack\n',
    'src/app/__init__.py': '',
    'src/tests/test_app.py': 'def test(): pass\n',
  });
  const config = await load(dir);
  expect(config.pipeline).toMatchObject([
    { run: 'mypy --strict src/app', cwd: '.' },
    { run: 'python -m pytest tests -x', cwd: 'src', env: { MODE: 'ci' } },
  ]);
  expect(config.toolchain).toMatchObject({ python: '3.13', requirements: ['requirements.txt'] });
  expect(config.source).toMatchObject({
    kind: 'detected',
    ci: { files: ['.github/workflows/ci.yml'], jobs: ['test'], leftOut: [] },
  });
});

test('how CI installs the project goes with what it installs: a file that says itself what is required says both', async () => {
  const tree = {
    '.github/workflows/ci.yml': workflow('      - run: pip install .\n      - run: pytest\n'),
    'pyproject.toml': '[build-system]\nrequires = []\n[project]\nname = "shop"\ndependencies = ["pytest"]\n',
  };
  const builds = async (yaml?: string): Promise<unknown> => {
    const dir = repository({ ...tree, ...(yaml === undefined ? {} : { 'parity.yaml': `version: 1\n${yaml}` }) });
    const config = await loadProjectConfig(
      yaml === undefined ? { dir } : { dir, configPath: join(dir, 'parity.yaml') },
    );
    return config.ok ? config.value.toolchain.build : config.error;
  };
  expect(await builds()).toEqual({ network: 'none', wheels: ['.'] });
  expect(await builds('toolchain: { build: { network: full } }\n')).toEqual({ network: 'full', wheels: ['.'] });
  expect(await builds('toolchain: { build: { wheels: [] } }\n')).toEqual({ network: 'none', wheels: [] });
  expect(await builds('toolchain: { requirements: [pyproject.toml] }\n')).toBeUndefined();
});

test.each<[string, string]>([
  ['releases only', 'on: { release: { types: [published] } }\njobs: { a: { steps: [{ run: pytest }] } }\n'],
  ['is no YAML', 'jobs:\n  a: [\n'],
  ['has no step that can run here', workflow('      - run: docker build .\n')],
  ['only builds the documentation', workflow('      - run: mkdocs build\n')],
])('CI that %s leaves it to the layout', async (_, text) => {
  const tree = { 'app.py': '', 'tests/test_app.py': 'def test(): pass\n' };
  const without = await load(repository(tree));
  const config = await load(repository({ ...tree, '.github/workflows/ci.yml': text }));
  expect(commandsOf(config)).toEqual(commandsOf(without));
  expect(config.source).not.toHaveProperty('ci');
});

test('a project in a folder of the repository has what CI runs in that folder', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow(
      '      - run: pytest -q\n        working-directory: api\n      - run: npm test\n',
    ),
    'api/pyproject.toml': '[project]\nname = "api"\n',
    'api/test_api.py': '',
  });
  expect((await load(join(dir, 'api'))).pipeline).toMatchObject([{ run: 'pytest -q', cwd: '.' }]);
});

test('what is made of the same files is read from the cache, and made anew when a file that it read has changed', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow(
      `      - uses: ./.github/actions/check
      - run: echo "\${{ github.repository }}" && pytest -q
        if: github.repository == 'acme/shop'
`,
    ),
    '.github/actions/check/action.yml':
      'runs:\n  using: composite\n  steps:\n    - run: ruff check .\n      shell: bash\n',
    'app.py': '',
  });
  expect(commandsOf(await load(dir))).toEqual(['ruff check .']);
  // A cached config is believed: it is changed here to see that it is read.
  const entries = join(cache, 'parity', 'configs');
  for (const name of readdirSync(entries)) {
    const file = join(entries, name);
    const text = execFileSync('cat', [file], { encoding: 'utf8' });
    writeFileSync(file, text.replaceAll('ruff check .', 'ruff check cached'));
  }
  expect(commandsOf(await load(dir))).toEqual(['ruff check cached']);
  writeFileSync(
    join(dir, '.github/actions/check/action.yml'),
    'runs:\n  using: composite\n  steps:\n    - run: ruff check src\n      shell: bash\n',
  );
  expect(commandsOf(await load(dir))).toEqual(['ruff check src']);
  execFileSync('git', ['remote', 'add', 'origin', 'https://example.com/acme/shop.git'], { cwd: dir });
  expect(commandsOf(await load(dir))).toHaveLength(2);
  rmSync(join(dir, '.github'), { recursive: true });
  mkdirSync(join(dir, '.github'));
  expect((await load(dir)).source).not.toHaveProperty('ci');
});

test('what a parity.yaml leaves out is as CI has it', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow('      - run: pip install pytest==8.4.2\n      - run: pytest -q\n').replace(
      '    steps:',
      '    services: { db: { image: "postgres:16" } }\n    steps:',
    ),
    'parity.yaml': 'version: 1\ntoolchain: { python: "3.12" }\n',
    'app.py': '',
  });
  const loaded = await loadProjectConfig({ dir, configPath: join(dir, 'parity.yaml') });
  if (!loaded.ok) throw new Error(loaded.error.message);
  expect(loaded.value).toMatchObject({
    toolchain: { python: '3.12', tools: ['pytest==8.4.2'] },
    services: [{ name: 'db' }],
    pipeline: [{ run: 'pytest -q', network: 'services' }],
  });
});

test('programs that the tests start, and CI’s machines have, are in the image; a changed test is read again', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow('      - run: pip install pytest\n      - run: pytest\n'),
    'tests/test_pager.py': 'import os\nos.environ["PAGER"] = "less"\n',
  });
  expect((await load(dir)).toolchain.system).toEqual(['less']);
  expect((await load(dir)).toolchain.system).toEqual(['less']);
  writeFileSync(join(dir, 'tests/test_pager.py'), 'import shutil\nhas_mercurial = shutil.which("hg")\n');
  expect((await load(dir)).toolchain.system).toEqual(['mercurial']);
});

test('what a job in an image of its own has is not known', async () => {
  const dir = repository({
    '.github/workflows/ci.yml':
      'on: push\njobs:\n  test:\n    container: python:3.11-slim\n    steps:\n      - run: pip install pytest\n      - run: pytest\n',
    'tests/test_pager.py': 'PAGER = "less"\n',
  });
  expect((await load(dir)).toolchain.system).toEqual([]);
});
