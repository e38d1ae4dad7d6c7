import { expect, test } from 'vitest';
import { detectRepo } from '../../config/detect.ts';
import { readRepo } from '../../config/detect/repo.ts';
import type { Config } from '../../config/config.ts';
import { folderOf } from '../../../test/support/repo.ts';
import { decideGithub } from '../github/decide.ts';
import { readGithubPipeline } from '../github/read.ts';
import { importPipelines, type Imported } from './import-pipelines.ts';

interface Job {
  readonly python?: string;
  readonly node?: string;
  readonly matrix?: readonly string[];
  readonly runs: readonly string[];
}

/** A workflow of these jobs, imported. */
function imported(jobs: Readonly<Record<string, Job>>, files: Readonly<Record<string, string>> = {}): Imported {
  const text = [
    'on: [push]',
    'jobs:',
    ...Object.entries(jobs).flatMap(([id, { python, node, matrix, runs }]) => [
      `  ${id}:`,
      '    runs-on: ubuntu-latest',
      ...(matrix === undefined ? [] : [`    strategy: { matrix: { python: ${JSON.stringify(matrix)} } }`]),
      '    steps:',
      ...(python === undefined && matrix === undefined
        ? []
        : [
            `      - { uses: actions/setup-python@v5, with: { python-version: ${python ? `"${python}"` : '"${{ matrix.python }}"'} } }`,
          ]),
      ...(node === undefined ? [] : [`      - { uses: actions/setup-node@v4, with: { node-version: "${node}" } }`]),
      ...runs.map((run) => `      - run: ${JSON.stringify(run)}`),
    ]),
  ].join('\n');
  const readText = (path: string): string | undefined => files[path];
  const pipeline = decideGithub(readGithubPipeline({ path: '.github/workflows/ci.yml', text }), {
    wantedPython: '3.11',
    wantedNode: '24',
    readText,
  });
  const dir = folderOf(files);
  return importPipelines({
    pipelines: [pipeline],
    system: 'github',
    jobs: 'all',
    wanted: { python: { version: '3.11' }, node: { version: '24' } },
    isEverywhere: (python) => ['3.9', '3.11', '3.13'].includes(python),
    detected: detectRepo(readRepo(dir, Object.keys(files))),
    prefix: '.',
    readText,
    has: (path) => Object.hasOwn(files, path),
    files: Object.keys(files),
  });
}

/** What each step runs in. */
function toolchainsOf({ pipeline }: Config): readonly string[] {
  return pipeline.map(({ run, toolchain }) => `${toolchain ?? '-'}: ${run}`);
}

const dev = { 'requirements-dev.txt': 'pytest==8.3.4\nruff==0.4.10\nattrs>=23\n' };
const tests: Job = { runs: ['pip install -r requirements-dev.txt', 'pytest -q'] };

test('another Python by itself is a toolchain of its own, with what that job installs and nothing else', () => {
  const { config, leftOut, decisions } = imported(
    {
      lint: { python: '3.13', runs: ['pip install mypy==1.18.2', 'mypy src'] },
      tests: { ...tests, python: '3.11' },
    },
    dev,
  );
  expect(config.toolchain).toMatchObject({ python: '3.11', requirements: ['requirements-dev.txt'], tools: [] });
  expect(config.toolchains).toEqual([
    { name: 'lint', python: '3.13', tools: ['mypy==1.18.2'], requirements: [], system: [] },
  ]);
  expect(toolchainsOf(config)).toEqual(['lint: mypy src', '-: pytest -q']);
  expect(leftOut).toEqual([]);
  expect(decisions.find((one) => one.subject === 'lint' && one.toolchain === 'lint')?.why).toBe(
    'job lint has Python 3.13, job tests 3.11',
  );
});

test.each<[string, Readonly<Record<string, Job>>]>([
  [
    'the legs of a matrix',
    { tests: { ...tests, matrix: ['3.9', '3.11', '3.13'] }, more: { ...tests, matrix: ['3.11', '3.13'] } },
  ],
  [
    'a Python that not every base has',
    { lint: { python: '3.12', runs: ['mypy src'] }, tests: { ...tests, python: '3.11' } },
  ],
  [
    'a job that names no Python',
    { lint: { runs: ['pip install mypy', 'mypy src'] }, tests: { ...tests, python: '3.11' } },
  ],
  ['pins that agree', { lint: { runs: ['pip install ruff==0.4.10', 'ruff check .'] }, tests }],
  ['a range that admits the pin', { types: { runs: ['pip install "attrs<26"', 'mypy src'] }, tests }],
  ['the newest of what nobody holds back', { types: { runs: ['pip install attrs', 'mypy src'] }, tests }],
])('%s is none', (_, jobs) => {
  expect(imported(jobs, dev).config.toolchains).toBeUndefined();
});

test.each<[string, Job, Readonly<Record<string, string>>, string]>([
  ['two pins', { runs: ['pip install ruff==0.6.9', 'ruff check .'] }, dev, 'ruff==0.6.9'],
  ['a range beside a pin', { runs: ['pip install "ruff>=0.6"', 'ruff check .'] }, dev, 'ruff>=0.6'],
  ['ranges without a common version', { runs: ['pip install "attrs<23"', 'mypy src'] }, dev, 'attrs<23'],
  [
    'the newest of what another job holds back',
    { runs: ['pip install -U ruff', 'ruff check .'] },
    dev,
    'the newest ruff',
  ],
  [
    'an extra of the project',
    { runs: ['pip install -e .[lint]', 'ruff check .'] },
    {
      ...dev,
      'pyproject.toml':
        '[project]\nname = "x"\nversion = "1"\n[project.optional-dependencies]\nlint = ["ruff==0.6.9"]\n',
    },
    'ruff==0.6.9',
  ],
  [
    'the same tests with less installed',
    { runs: ['pip install pytest==8.3.4', 'pytest -q'] },
    dev,
    'run one test with other packages',
  ],
])('%s: the job has its own', (_, lint, files, why) => {
  const { config, decisions } = imported({ tests, lint }, files);
  expect(config.toolchains?.map(({ name }) => name)).toEqual(['lint']);
  expect(config.toolchain.requirements).toEqual(['requirements-dev.txt']);
  expect(config.pipeline.map(({ toolchain }) => toolchain)).toEqual([undefined, 'lint']);
  expect(decisions.find((one) => one.subject === 'lint' && one.toolchain === 'lint')?.why).toContain(why);
});

test('jobs that differ from the default one alike share one, and another Node is one, too', () => {
  const { config } = imported(
    {
      tests,
      lint: { runs: ['pip install ruff==0.6.9', 'ruff check .'] },
      format: { runs: ['pip install ruff==0.6.9', 'ruff format --check .'] },
      ui: { node: '24', runs: ['npm ci', 'npm test'] },
      old: { node: '20', runs: ['npm ci', 'npm run build'] },
    },
    {
      ...dev,
      'package.json': '{ "scripts": { "test": "node --test", "build": "node b.js" } }',
      'package-lock.json': '{}',
    },
  );
  expect(toolchainsOf(config)).toEqual([
    '-: pytest -q',
    'lint: ruff check .',
    'lint: ruff format --check .',
    '-: npm ci',
    '-: npm test',
    'lint: npm ci',
    'lint: npm run build',
  ]);
  expect(config.toolchain.node).toBe('24');
  expect(config.toolchains).toMatchObject([{ name: 'lint', node: '20', tools: ['ruff==0.6.9'] }]);
});

test('a toolchain for steps of Node alone has no Python packages, whatever the repository has', () => {
  const { config } = imported(
    {
      tests: { ...tests, python: '3.11', node: '22' },
      ui: { node: '24', runs: ['npm ci', 'npm test'] },
      api: { node: '20', runs: ['npm ci', 'pytest -q tests/api'] },
    },
    {
      ...dev,
      'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\ndependencies = ["attrs"]\n',
      'package.json': '{ "scripts": { "test": "vitest run" } }',
      'shop/app.py': 'import attrs\n',
    },
  );
  expect(
    config.toolchains?.map(({ name, requirements, tools }) => [name, requirements.length + tools.length > 0]),
  ).toEqual([
    ['ui', false],
    ['api', true],
  ]);
});

test('a toolchain of its own has the others’ Python where not every base has the one that its job says', () => {
  const { config, leftOut, decisions } = imported(
    {
      tests: { ...tests, matrix: ['3.10', '3.11'] },
      old: { python: '3.10', runs: ['pip install -r requirements-dev.txt', "pip install 'attrs<23'", 'pytest -q'] },
    },
    dev,
  );
  expect(config.toolchain.python).toBe('3.11');
  expect(config.toolchains?.map(({ name, python }) => [name, python])).toEqual([['old', '3.11']]);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    'Python 3.10 of job old: the image has one Python, 3.11',
  );
  expect(decisions.find((one) => one.subject === 'python' && one.toolchain === 'old')?.why).toBe(
    'as the other steps; CI has 3.10 here, which not every base has',
  );
});

test('what comes after a package was uninstalled is left out; the project’s own package is never there', () => {
  const pyproject = '[project]\nname = "Shop_Kit"\nversion = "1"\n';
  const { config, leftOut } = imported(
    {
      tests,
      bare: {
        runs: ['pip install -r requirements-dev.txt', 'ruff check .', 'python -m pip uninstall -y attrs', 'pytest -q'],
      },
      lint: { runs: ['pip uninstall -y shop-kit\nruff format --check .'] },
      pack: { runs: ['python -m build\npip uninstall -y attrs\npytest --bare', 'pytest -x'] },
    },
    { ...dev, 'pyproject.toml': pyproject },
  );
  expect(toolchainsOf(config)).toEqual([
    '-: pytest -q',
    '-: ruff check .',
    '-: ruff format --check .',
    '-: python -m build',
  ]);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    '`python -m pip uninstall -y attrs` of job bare: it changes the image, which is the same for all jobs',
    '`pytest -q` of job bare: it runs without attrs, which an earlier step of its job uninstalls, and the image has',
    '`pip uninstall -y attrs; pytest --bare` of job pack: it changes the image, which is the same for all jobs',
    '`pytest -x` of job pack: it runs without attrs, which an earlier step of its job uninstalls, and the image has',
  ]);
});

test('what is installed by hand after the tests is not there for them: the rest of the job has a toolchain of its own', () => {
  const { config } = imported(
    {
      tests: {
        runs: [
          'pip install -r requirements-dev.txt',
          'pytest -q\nbash more.sh',
          'pip install build\npython -m build',
          'pip install shop-plugin\nbash check-plugin.sh',
          'bash last.sh',
        ],
      },
    },
    dev,
  );
  expect(toolchainsOf(config)).toEqual([
    '-: pytest -q\nbash more.sh',
    '-: python -m build',
    'tests-later: bash check-plugin.sh',
    'tests-later: bash last.sh',
  ]);
  expect(config.toolchain.tools).not.toContain('shop-plugin');
  expect(config.toolchains?.[0]?.tools).toContain('shop-plugin');
  expect(config.toolchains?.[0]?.requirements).toEqual(['requirements-dev.txt']);
  const later = config.pipeline.filter(({ toolchain }) => toolchain !== undefined);
  expect(later.map(({ job, needs }) => [job, needs.length > 0])).toEqual([
    ['tests-later', true],
    ['tests-later', true],
  ]);
});

test('what a job on the newest Python installs over the project’s own requirement has the newest Python that every base has', () => {
  const files = { 'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\ndependencies = ["django>=5.2"]\n' };
  const jobsWith = (line: string): Imported =>
    imported(
      {
        tests: { matrix: ['3.9', '3.11'], runs: ['pip install -e . pytest', 'pytest'] },
        check: { python: '3.x', runs: ['pip install -e .', line, 'python -m shop.check'] },
      },
      files,
    );
  const { config } = jobsWith('pip install "Django>=6.0,<6.1"');
  expect(toolchainsOf(config)).toEqual(['-: pytest', 'check: python -m shop.check']);
  expect(config.toolchain.python).toBe('3.11');
  expect(config.toolchain.tools).toEqual(['pytest']);
  expect(config.toolchains?.map(({ python, tools }) => [python, ...tools])).toEqual([['3.13', 'Django>=6.0,<6.1']]);
  expect(toolchainsOf(jobsWith('pip install "tox>=4"').config)).toEqual(['-: pytest', '-: python -m shop.check']);
});
