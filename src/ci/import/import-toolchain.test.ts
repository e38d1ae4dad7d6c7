import { describe, expect, it } from 'vitest';
import { splitScript } from './split-script.ts';
import { importToolchain, type ImportedToolchain } from './import-toolchain.ts';
import type { DecidedStep } from '../decided-pipeline.ts';

const place = { file: 'ci.yml', span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };
const detected = {
  toolchain: { python: '3.11', tools: ['ruff==1.0'], requirements: ['poetry.lock', 'pyproject.toml'], system: [] },
  decisions: [],
};

function importOf(
  script: string,
  files: Readonly<Record<string, string>>,
  used: readonly string[] = [],
): ImportedToolchain {
  const step = { script, cwd: '.', env: {}, place } as unknown as DecidedStep;
  const readText = (path: string): string | undefined => files[path];
  const { installs } = splitScript(step, { files: Object.keys(files), readText, usedOutputs: new Set() });
  const placed = installs.map((install) => ({ install, place, job: 'tests' }));
  const facts = {
    used,
    installers: [],
    usedSystem: [],
    needsPackages: true,
    testing: new Set(['tests']),
    detected,
    prefix: '.',
  };
  return importToolchain({ ...facts, installs: placed, readText: (path) => files[path] });
}

const pyproject = '[project]\nname = "shop"\ndependencies = ["attrs"]\n[dependency-groups]\ndev = ["pytest"]\n';
const uvLock = '[[package]]\nname = "pytest"\nversion = "8.2"\n';

it('what tests start, and CI’s machines have, is in the image', () => {
  const facts = {
    used: [],
    installers: [],
    usedSystem: ['make'],
    needsPackages: true,
    testing: new Set<string>(),
    detected,
    prefix: '.',
  };
  const testedPrograms = [
    { program: 'less', package: 'less', file: 'tests/test_pager.py' },
    { program: 'make', package: 'make', file: 'tests/test_make.py' },
  ];
  const { system, decisions } = importToolchain({ ...facts, installs: [], testedPrograms, readText: () => undefined });
  expect(system).toEqual(['make', 'less']);
  expect(decisions.map(({ choice, why }) => `${choice}: ${why}`)).toContain(
    'less: tests/test_pager.py names less, which CI’s machines have unasked',
  );
});

describe('what CI installs from a lock file', () => {
  it.each([
    ['uv sync --locked --extra cli --group docs', 'uv.lock --extra cli --group docs'],
    ['uv run --no-dev pytest', 'uv.lock --no-dev'],
    ['cd api && uv sync --all-packages', 'api/uv.lock --all-packages'],
    ['poetry install --no-interaction --with docs --extras "s3 gcs"', 'poetry.lock --with docs --extras s3,gcs'],
    ['poetry -C api install', 'api/poetry.lock'],
    ['pdm sync -G test --prod', 'pdm.lock -G test --prod'],
    ['pipenv install --deploy --dev', 'Pipfile.lock --dev'],
  ])('%s is %s', (script, source) => {
    const file = source.split(' ')[0] ?? '';
    const folder = file.startsWith('api/') ? 'api/' : '';
    const files = { [file]: uvLock, [`${folder}pyproject.toml`]: pyproject };
    const { requirements, tools } = importOf(script, files, ['pytest']);
    // The lock file brings pytest.
    expect({ requirements, tools }).toEqual({ requirements: [source], tools: [] });
  });

  it('is all that a run of its tool needs: what only hooks run stays out', () => {
    const files = { 'pdm.lock': uvLock, 'pyproject.toml': pyproject };
    expect(importOf('pdm install -G toc\npdm run pytest', files, ['pytest'])).toMatchObject({
      requirements: ['pdm.lock -G toc'],
      tools: [],
    });
  });

  it('may be limited by constraints', () => {
    const files = { 'requirements.txt': 'flask', 'constraints.txt': 'flask==3.0.0' };
    const { requirements, leftOut } = importOf(
      'pip install -r requirements.txt -c constraints.txt -c /etc/pins.txt',
      files,
    );
    expect(requirements).toEqual(['-c constraints.txt', 'requirements.txt']);
    expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      'install of -c /etc/pins.txt: it is no file of the repository',
    ]);
  });

  it('in a member of a workspace is that member of it', () => {
    const { requirements } = importOf('cd packages/api && uv sync', {
      'uv.lock': `${uvLock}\n[[package]]\nname = "api"\nsource = { editable = "packages/api" }\n`,
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
      'packages/api/pyproject.toml': pyproject.replace('shop', 'api'),
    });
    expect(requirements).toEqual(['uv.lock --package api']);
  });

  it('is what pyproject.toml says, where there is no lock file', () => {
    expect(importOf('uv sync', { 'pyproject.toml': pyproject }).requirements).toEqual([
      'pyproject.toml',
      'pyproject.toml:dev',
    ]);
    expect(importOf('poetry install', { 'pyproject.toml': pyproject }).requirements).toEqual([
      'poetry.lock',
      'pyproject.toml',
    ]);
  });
});
