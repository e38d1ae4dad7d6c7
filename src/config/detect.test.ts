import { describe, expect, test } from 'vitest';
import { folderOf, type Tree } from '../../test/support/repo.ts';
import { detectedTrees } from '../../test/support/repo-trees.ts';
import type { StepConfig } from './config.ts';
import { decisionText, detectConfig, type Detected } from './detect.ts';
import { projectFiles } from './detect/files.ts';

async function detect(tree: Tree): Promise<Detected> {
  const dir = folderOf(tree);
  const files = await projectFiles(dir);
  if (!files.ok) throw new Error(files.error.message);
  return detectConfig(dir, files.value);
}

/** The config in a few lines: what a person would check it by. */
function summary({ config, decisions }: Detected): string {
  const { python, node, tools, requirements } = config.toolchain;
  const lines = [`python ${python}${node === undefined ? '' : `, node ${node}`}`];
  lines.push(`tools: ${tools.join(', ')}`, `requirements: ${requirements.join(', ')}`);
  for (const step of config.pipeline) lines.push(stepLine(step));
  for (const one of decisions) if (one.severity === 'warning') lines.push(`! ${decisionText(one)}`);
  return lines.join('\n');
}

function stepLine({ name, cwd, run, env, needs, fix, network }: StepConfig): string {
  const settings = Object.entries(env).map(([key, value]) => `${key}=${value} `);
  const parts = [`${name}: `, cwd === '.' ? '' : `(${cwd}) `, ...settings, run];
  if (needs.length > 0) parts.push(` <- ${needs.join(', ')}`);
  if (fix !== undefined) parts.push(` | ${fix}`);
  if (network !== 'none') parts.push(` | ${network}`);
  return parts.join('');
}

test('the reference layout gives the reference pipeline word for word', async () => {
  const { config } = await detect(detectedTrees['the reference layout'] ?? {});
  const step = { cwd: '.', env: {}, passEnv: [], secrets: [], needs: [], volumes: [], network: 'none' };
  const ui = { ...step, cwd: 'core/admin_ui' };
  expect(config.toolchain).toEqual({
    python: '3.11',
    node: '24',
    tools: [
      'black==25.9.0',
      'flake8==7.3.0',
      'mypy==1.18.2',
      'sqlalchemy==2.0.23',
      'pytest',
      'pytest-cov',
      'pytest-asyncio',
    ],
    requirements: ['core/requirements.txt'],
    system: [],
  });
  expect(config.pipeline).toEqual([
    { ...step, name: 'format', run: 'black --check core/', fix: 'black core/', onFailure: 'Run: black core/' },
    { ...step, name: 'lint', run: 'flake8 core/' },
    { ...step, name: 'types', run: 'mypy --config-file mypy.ini core/' },
    { ...step, name: 'tests', run: 'pytest -q', env: { PYTHONPATH: '.' } },
    {
      ...ui,
      name: 'ui-install',
      run: 'npm ci',
      inputs: ['package.json', 'package-lock.json'],
      volumes: ['node_modules'],
      network: 'full',
      cache: true,
    },
    { ...ui, name: 'ui-types', run: 'npx tsc --noEmit', needs: ['ui-install'] },
    { ...ui, name: 'ui-build', run: 'npm run build', needs: ['ui-install'] },
  ]);
});

describe('repos of all kinds', () => {
  test.each(Object.entries(detectedTrees))('%s', async (_, tree) => {
    expect(summary(await detect(tree))).toMatchSnapshot();
  });
});

describe('pins', () => {
  const base: Tree = { 'mypy.ini': '[mypy]\n', 'core/__init__.py': '', 'core/requirements.txt': '' };

  test("the repo's own exact pins are taken, in requirements before CI before hooks, and disagreement is told with places", async () => {
    const { config, decisions } = await detect({
      ...base,
      'core/requirements.txt': 'black==24.4.2\nsqlalchemy[asyncio]==2.0.30\n',
      '.github/workflows/ci.yml':
        'jobs:\n  a:\n    steps:\n      - run: |\n          pip install -U pip\n          pip install "flake8==6.1.0" black==24.1.0 mypy\n',
      '.pre-commit-config.yaml':
        'repos:\n  - repo: https://github.com/psf/black\n    rev: 23.1.0\n    hooks: [{ id: black }]\n  - repo: https://github.com/pre-commit/mirrors-mypy\n    rev: v1.10.0\n    hooks:\n      - id: mypy\n        additional_dependencies: [types-requests==2.31.0.1]\n',
    });
    expect(config.toolchain.tools).toEqual(
      [
        'black==24.4.2',
        'flake8==6.1.0',
        'mypy==1.10.0',
        'sqlalchemy==2.0.30',
        'pytest',
        'pytest-cov',
        'pytest-asyncio',
        'types-requests==2.31.0.1',
      ].filter((tool) => !tool.startsWith('pytest')),
    );
    expect(decisions.find(({ subject }) => subject === 'black')).toEqual({
      subject: 'black',
      choice: '24.4.2',
      why:
        'the requirements pin it: core/requirements.txt:1; but .github/workflows/ci.yml:6 has 24.1.0, ' +
        '.pre-commit-config.yaml:3 has 23.1.0; what is installed with the code counts before CI, and CI before hooks',
      severity: 'warning',
      places: [
        { name: 'black', version: '24.4.2', file: 'core/requirements.txt', line: 1, source: 'requirements' },
        { name: 'black', version: '24.1.0', file: '.github/workflows/ci.yml', line: 6, source: 'ci' },
        { name: 'black', version: '23.1.0', file: '.pre-commit-config.yaml', line: 3, source: 'pre-commit' },
      ],
    });
  });

  test("a range that refuses the reference's version is left to the lock; one that admits it gets it", async () => {
    const tree = { ...base, 'core/requirements-dev.txt': 'black>=24,<25\nflake8>=7\n' };
    const { config, decisions } = await detect(tree);
    expect(config.toolchain.tools).toEqual(['flake8==7.3.0', 'mypy==1.18.2']);
    expect(decisions.map(decisionText)).toContain(
      "black: black>=24,<25 (core/requirements-dev.txt:1 asks for black>=24,<25, which the reference lock's 25.9.0 does not meet)",
    );
  });

  test('two requirements files that pin one package differently: the second is left out, and both places are named', async () => {
    const tree = { ...base, 'requirements.txt': 'flask==3.0.0\n', 'requirements-dev.txt': 'pytest\nflask==2.3.0\n' };
    const { config, decisions } = await detect({ ...tree, 'app.py': '' });
    expect(config.toolchain.requirements).toEqual(['requirements.txt', 'core/requirements.txt']);
    expect(decisions.filter(({ severity }) => severity === 'warning').map(decisionText)).toEqual([
      "requirements-dev.txt: left out (requirements-dev.txt:2 says flask==2.3.0 and requirements.txt:1 says flask==3.0.0: one environment can't hold both)",
    ]);
  });

  test('a frozen hook says its version in a comment', async () => {
    const { config } = await detect({
      ...base,
      '.pre-commit-config.yaml':
        'repos:\n- repo: https://github.com/psf/black-pre-commit-mirror\n  rev: 0123456789012345678901234567890123456789 # frozen: 25.1.0\n  hooks:\n  - id: black\n',
    });
    expect(config.toolchain.tools[0]).toBe('black==25.1.0');
  });
});

describe('python', () => {
  test.each<[string, Tree, string]>([
    ['nothing says', {}, '3.11'],
    ['.python-version', { '.python-version': '3.12.4\n' }, '3.12'],
    ['.tool-versions', { '.tool-versions': 'nodejs 20.1.0\npython 3.10.2\n' }, '3.10'],
    ['a range that admits 3.11', { 'pyproject.toml': '[project]\nname="a"\nrequires-python = ">=3.9"\n' }, '3.11'],
    ['a range from a later patch', { 'pyproject.toml': '[project]\nname="a"\nrequires-python = ">=3.11.4"\n' }, '3.11'],
    ['a range above', { 'pyproject.toml': '[project]\nname="a"\nrequires-python = ">=3.13"\n' }, '3.13'],
    ['a range below', { 'setup.cfg': '[options]\npython_requires = >=3.7,<3.11\n' }, '3.10'],
    ["poetry's caret", { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.12"\n' }, '3.12'],
    ['setup.py', { 'setup.py': 'setup(python_requires=">=3.12")\n' }, '3.12'],
  ])('%s', async (_, tree, expected) => {
    const { config } = await detect({ 'app.py': '', ...tree });
    expect(config.toolchain.python).toBe(expected);
  });
});

describe('node', () => {
  const ui = (manifest: object, more: Tree = {}): Tree => ({
    'package.json': JSON.stringify({ scripts: { build: 'x' }, ...manifest }),
    ...more,
  });

  test.each<[string, Tree, string]>([
    ['nothing says', ui({}), '24'],
    ['.nvmrc', ui({}, { '.nvmrc': 'v20.11.1\n' }), '20.11.1'],
    ['an LTS name', ui({}, { '.nvmrc': 'lts/jod\n' }), '22'],
    ['engines that admit 24', ui({ engines: { node: '>=18' } }), '24'],
    ['engines that do not', ui({ engines: { node: '^20.0.0 || ^22.0.0' } }), '22'],
    ['volta', ui({ volta: { node: '18.20.0' } }), '18.20.0'],
  ])('%s', async (_, tree, expected) => {
    expect((await detect(tree)).config.toolchain.node).toBe(expected);
  });

  test.each<[string, Tree, string | undefined]>([
    ['npm', ui({}, { 'package-lock.json': '{}' }), 'npm ci'],
    ['no lock file', ui({}), 'npm install --no-package-lock'],
    ['pnpm, pinned', ui({ packageManager: 'pnpm@9.1.0' }, { 'pnpm-lock.yaml': '' }), 'pnpm install --frozen-lockfile'],
    [
      'pnpm, by its lock file',
      ui({}, { 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" }),
      'pnpm install --frozen-lockfile',
    ],
    ['yarn 1', ui({}, { 'yarn.lock': '' }), 'yarn install --frozen-lockfile'],
    [
      'yarn 4 with node_modules',
      ui({ packageManager: 'yarn@4.1.0' }, { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\n' }),
      'yarn install --immutable',
    ],
    ['pnpm, without a lock file', ui({ packageManager: 'pnpm@9.1.0' }), 'pnpm install --no-lockfile'],
    ["yarn with Plug'n'Play", ui({}, { 'yarn.lock': '', '.yarnrc.yml': 'yarnPath: x\n' }), undefined],
    [
      "yarn with Plug'n'Play in the repository",
      ui({}, { 'yarn.lock': '__metadata:\n  version: 8\n', '.pnp.cjs': '' }),
      'yarn install --immutable',
    ],
    ['bun', ui({}, { 'bun.lock': '' }), 'bun install --frozen-lockfile'],
    ['bun, without a lock file', ui({ packageManager: 'bun@1.2.3' }), 'bun install --no-save'],
  ])('installed with %s', async (_, tree, expected) => {
    const { config, decisions } = await detect(tree);
    expect(config.pipeline[0]?.run).toBe(expected);
    if (expected === undefined) expect(decisions.some(({ severity }) => severity === 'warning')).toBe(true);
  });
});

test('files that make no sense count as empty', async () => {
  const names = [
    'pyproject.toml',
    'setup.cfg',
    'tox.ini',
    'package.json',
    '.pre-commit-config.yaml',
    '.github/workflows/a.yml',
  ];
  const broken = ['', '[', '{"', '\u0000\u0001', '- - -\n: :', '[a\nb = ]', 'true', '[1, 2]'];
  for (const text of broken) {
    const tree = Object.fromEntries(names.map((name) => [name, text]));
    const { config } = await detect({ ...tree, 'app.py': text });
    expect(config.pipeline.map(({ name }) => name)).toContain('syntax');
  }
});

test('other people’s files are not read: vendored, installed, hidden, a virtual environment of any name', async () => {
  const foreign = ['node_modules/x', 'third_party/x', '.hidden', 'venv/lib', 'my-env', 'vendor/x'];
  const tree = Object.fromEntries(
    foreign.flatMap((dir) => [
      [`${dir}/test_a.py`, ''],
      [`${dir}/package.json`, '{"scripts":{"build":"x"}}'],
    ]),
  );
  const { config } = await detect({ ...tree, 'my-env/pyvenv.cfg': '' });
  expect(config.pipeline).toEqual([]);
});

describe('a repo with a lock file of another tool', () => {
  const uvLock = (...names: readonly string[]): string =>
    names.map((name) => `[[package]]\nname = "${name}"\nversion = "1.2"\n`).join('\n');
  const project = '[project]\nname = "shop"\ndependencies = ["attrs>=25"]\n';
  const code = { 'shop/__init__.py': '', 'tests/test_shop.py': 'def test(): pass\n' };

  test('takes from it what its tool installs, and what the steps need besides at its versions', async () => {
    const { config } = await detect({
      ...code,
      'pyproject.toml': `${project}[project.optional-dependencies]\ntest = ["pytest>=8"]\ndocs = ["sphinx"]\n[dependency-groups]\ndev = ["ruff"]\nlint = ["mypy"]\nsite = ["mkdocs"]\n[tool.mypy]\nstrict = true\n[tool.coverage.run]\nbranch = true\n[tool.pytest.ini_options]\naddopts = "--cov"\n`,
      'uv.lock': uvLock('attrs', 'pytest', 'pytest-cov', 'coverage', 'ruff', 'mypy'),
    });
    expect(config.toolchain.requirements).toEqual(['uv.lock --extra test --group lint']);
    // Nothing declares it, and the lock file holds it.
    expect(config.toolchain.tools).toEqual(['pytest-cov']);
  });

  test('of a uv workspace takes all of it, for its members, too', async () => {
    const { config } = await detect({
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/*"]\n[dependency-groups]\ndev = ["pytest"]\n',
      'uv.lock': `${uvLock('pytest')}\n[[package]]\nname = "api"\nsource = { editable = "packages/api" }\n`,
      'packages/api/pyproject.toml': '[project]\nname = "api"\n',
      'packages/api/api/__init__.py': '',
      'packages/api/tests/test_api.py': 'def test(): pass\n',
    });
    expect(config.toolchain).toMatchObject({ requirements: ['uv.lock --all-packages'], tools: [] });
  });

  test.each<[string, Tree, readonly string[]]>([
    [
      'poetry',
      {
        'pyproject.toml':
          '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\n[tool.poetry.group.lint]\noptional = true\n[tool.poetry.group.lint.dependencies]\nruff = "*"\n',
        'poetry.lock': uvLock('ruff'),
      },
      ['poetry.lock --with lint'],
    ],
    ['pdm', { 'pyproject.toml': project, 'pdm.lock': uvLock('attrs') }, ['pdm.lock']],
    [
      'Pipenv',
      { Pipfile: '[packages]\nattrs = "*"\n', 'Pipfile.lock': '{}', 'requirements.txt': 'attrs' },
      ['Pipfile.lock --dev'],
    ],
    ['PEP 751', { 'pyproject.toml': project, 'pylock.toml': 'lock-version = "1.0"\n' }, ['pylock.toml']],
  ])('of %s is installed from it', async (_, tree, requirements) => {
    expect((await detect({ ...code, ...tree })).config.toolchain.requirements).toEqual(requirements);
  });

  test("and without one, poetry's tables are read where they stand", async () => {
    const { config } = await detect({
      ...code,
      'pyproject.toml':
        '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\nattrs = "^25"\n[tool.poetry.group.dev.dependencies]\npytest = "^8.2"\n',
    });
    expect(config.toolchain).toMatchObject({ requirements: ['pyproject.toml', 'pyproject.toml:dev'], tools: [] });
  });
});
