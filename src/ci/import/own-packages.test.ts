import { describe, expect, it } from 'vitest';
import type { DecidedStep } from '../decided-pipeline.ts';
import { importToolchain, type ImportedToolchain } from './import-toolchain.ts';
import type { PlacedInstall } from './install.ts';
import { splitScript } from './split-script.ts';

type Files = Readonly<Record<string, string>>;

/** What jobs come to whose scripts are these, by their names; the one called `tests` runs tests. */
function importOf(jobs: Readonly<Record<string, string>>, files: Files, prefix = '.'): ImportedToolchain {
  const readText = (path: string): string | undefined => files[path];
  const installs = Object.entries(jobs).flatMap(([job, script], index): readonly PlacedInstall[] => {
    const line = index + 1;
    const place = { file: 'ci.yml', span: { line, column: 1, endLine: line, endColumn: 2 } };
    const step = { script, cwd: '.', env: {}, place } as unknown as DecidedStep;
    const parts = splitScript(step, { files: Object.keys(files), readText });
    return parts.installs.map((install) => ({ install, place, job }));
  });
  return importToolchain({
    installs,
    used: [],
    installers: [],
    usedSystem: [],
    needsPackages: true,
    testing: new Set(['tests']),
    detected: { toolchain: { python: '3.11', tools: [], requirements: [], system: [] }, decisions: [] },
    readText,
    prefix,
  });
}

const shop: Files = {
  'pyproject.toml':
    '[build-system]\nrequires = []\nbuild-backend = "x"\n[project]\nname = "shop"\ndependencies = ["attrs"]\n[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx"]\n[dependency-groups]\ndev = ["ruff"]\n',
  'requirements.txt': 'attrs==25.1.0\n',
};
const uvLock: Files = { ...shop, 'uv.lock': '[[package]]\nname = "attrs"\nversion = "25.1.0"\n' };
const poetry: Files = {
  'pyproject.toml':
    '[build-system]\nrequires = ["poetry-core"]\n[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = ">=3.9"\n[tool.poetry.extras]\ns3 = []\n',
};

describe('how CI installs the project', () => {
  it.each([
    ['pip install .', ['.']],
    ['pip install ".[test]"', ['.']],
    ['python -m pip install --upgrade pip && pip install ./', ['.']],
    ['uv pip install .', ['.']],
    ['uv sync --no-editable', ['.']],
    ['flit install', ['.']],
    ['python setup.py install', ['.']],
    ['pip install -e .', undefined],
    ['pip install -e.[test]', undefined],
    ['pip install --editable=.', undefined],
    ['uv pip install -e ".[test]"', undefined],
    ['uv sync', undefined],
    ['flit install -s', undefined],
    ['flit install --symlink --deps production', undefined],
    ['python setup.py develop', undefined],
    // The last one is what is there.
    ['pip install . && pip install -e .', undefined],
    ['pip install -e . && pip install --no-deps .', ['.']],
  ])('%s', (script, wheels) => {
    expect(importOf({ tests: script }, shop).build?.wheels).toEqual(wheels);
  });

  it('from a lock file is said by the lock file’s own options', () => {
    const { build, requirements } = importOf({ tests: 'uv sync --locked --no-editable --no-install-project' }, uvLock);
    expect({ build, requirements }).toEqual({ requirements: ['uv.lock --no-editable --no-install-project'] });
    // What comes after it is beside the lock file.
    expect(importOf({ tests: 'uv sync --no-install-project && uv pip install --no-deps .' }, uvLock).build).toEqual({
      network: 'none',
      wheels: ['.'],
    });
  });

  it('differently in two jobs is as the job that runs tests has it, and that is said', () => {
    const wheel = importOf({ lint: 'pip install -e .', tests: 'pip install .' }, shop);
    expect(wheel.build?.wheels).toEqual(['.']);
    expect(wheel.decisions.map(({ subject, choice, why }) => `${subject}: ${choice} (${why})`)).toContain(
      'the project: installed as its wheel (as job tests does it; ci.yml:1: job lint installs it editable)',
    );
    expect(importOf({ tests: 'pip install -e .', lint: 'pip install .' }, shop).build).toBeUndefined();
    expect(importOf({ lint: 'pip install .', types: 'pip install -e .' }, shop).build).toBeUndefined();
  });

  it('is told with its place', () => {
    const { decisions } = importOf({ lint: 'pip install ruff', tests: 'pip install .' }, shop);
    expect(decisions).toContainEqual(
      expect.objectContaining({ subject: 'build.wheels', choice: '.', why: 'ci.yml:2: without -e', kind: 'toolchain' }),
    );
  });
});

describe('a project that CI does not install', () => {
  it.each([
    ['requirements only', 'pip install -r requirements.txt pytest', shop],
    ['the requirements of its pyproject.toml', 'uv pip install -r pyproject.toml --extra test', shop],
    ['a group of it', 'pip install --group dev', shop],
    ['tools alone', 'pip install tox', shop],
    [
      'what a lock file of no project holds',
      'pip install pipenv && pipenv sync --dev',
      { ...shop, 'Pipfile.lock': '{}' },
    ],
  ])('is not installed here: %s', (_, script, files) => {
    const { build, decisions } = importOf({ tests: script }, files);
    expect(build).toEqual({ network: 'none', projects: [] });
    expect(decisions).toContainEqual(
      expect.objectContaining({ subject: 'build.projects', choice: 'none', why: 'CI installs none' }),
    );
  });

  it('leaves those that are installed by folder or by a requirements file', () => {
    const files = {
      ...shop,
      'requirements.txt': '-r requirements/dev.txt\n',
      'requirements/dev.txt':
        'pytest\n-e ./lib[x]\n../plugin ; python_version > "3"\nshop-tools @ git+https://example.com/x/y\n',
      'lib/setup.py': 'setup()',
      'plugin/pyproject.toml': shop['pyproject.toml'] ?? '',
      'api/pyproject.toml': shop['pyproject.toml'] ?? '',
    };
    const { build } = importOf({ tests: 'pip install -r requirements.txt -e ./api' }, files);
    expect(build).toEqual({ network: 'none', projects: ['api', 'lib', 'plugin'] });
  });

  it('is installed as ever where nobody can say', () => {
    for (const script of ['pip install $WHAT', 'pip install dist/*.whl', 'rye sync', 'make all'])
      expect(importOf({ tests: script }, shop).build, script).toBeUndefined();
    // A lock file says it itself.
    expect(importOf({ tests: 'poetry install --no-root' }, { ...poetry, 'poetry.lock': '' })).toMatchObject({
      requirements: ['poetry.lock --no-root'],
    });
  });
});

it('a project that only has metadata is one where pip installs it, and none for uv', () => {
  const files = { 'pyproject.toml': '[project]\nname = "shop"\ndependencies = ["attrs"]\n' };
  expect(importOf({ tests: 'pip install -e .' }, files).build).toEqual({ network: 'none', projects: ['.'] });
  expect(importOf({ tests: 'uv sync' }, files).build).toBeUndefined();
});

it('paths are those of the project', () => {
  const files = Object.fromEntries(Object.entries(shop).map(([path, text]) => [`core/${path}`, text]));
  const { build } = importOf({ tests: 'pip install ./core' }, { ...files, ...shop }, 'core');
  expect(build).toEqual({ network: 'none', wheels: ['.'] });
});

it('poetry’s tables are read where pip installs a project of it, with the extras that CI asks for', () => {
  const { requirements, build } = importOf({ tests: 'pip install -e ".[s3]"' }, poetry);
  expect({ requirements, build }).toEqual({ requirements: ['pyproject.toml[s3]'], build: undefined });
});
