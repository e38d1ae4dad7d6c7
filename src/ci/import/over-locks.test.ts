import { expect, test } from 'vitest';
import { importedWorkflow } from '../../../test/support/imported-workflow.ts';
import type { Imported } from './import-pipelines.ts';

const files = {
  'pyproject.toml':
    '[project]\nname = "shop"\nversion = "1"\ndependencies = ["web>=4"]\n[dependency-groups]\ndev = ["pytest"]\n',
  'uv.lock': `version = 1
[[package]]
name = "web"
version = "4.2.1"
resolution-markers = ["python_full_version < '3.12'"]

[[package]]
name = "web"
version = "5.0.3"
resolution-markers = ["python_full_version >= '3.12'"]

[[package]]
name = "pytest"
version = "8.0.0"
`,
};

/** A workflow of these jobs, each a list of commands, imported. */
function imported(jobs: Readonly<Record<string, readonly string[]>>): Imported {
  const text = [
    'on: [push]',
    'jobs:',
    ...Object.entries(jobs).flatMap(([id, runs]) => [
      `  ${id}:`,
      '    steps:',
      '      - { uses: actions/setup-python@v6, with: { python-version: "3.11" } }',
      ...runs.map((run) => `      - run: ${JSON.stringify(run)}`),
    ]),
  ].join('\n');
  return importedWorkflow(text, files);
}

const asked = ({ config: { toolchain } }: Imported): readonly (readonly string[])[] => [
  toolchain.requirements,
  toolchain.tools,
];

test('what `uv run` puts back after an install by hand is as the lock file has it', () => {
  const found = imported({ tests: ['uv sync --dev', 'uv pip install web==4.0', 'uv run pytest'] });
  expect(asked(found)).toEqual([['uv.lock --dev', 'uv.lock'], []]);
  expect(found.leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    'install of web==4.0 of job tests: a later command of uv puts web 4.2.1 back, which its lock file holds',
  );
});

test('what is installed by hand over the lock file, and stays, takes its place', () => {
  for (const run of ['uv run --no-sync pytest', '.venv/bin/pytest'])
    expect(asked(imported({ tests: ['uv sync', 'uv pip install "web>=3,<4"', run] }))).toEqual([
      ['uv.lock --no-install-package web'],
      ['web>=3,<4'],
    ]);
});

test('a package of a command alone lies over those of the lock file, however many conditions its version has', () => {
  expect(asked(imported({ tests: ['uv sync', 'uv run --with "web>=3,<4,extra[a,b]==2" pytest'] }))).toEqual([
    ['uv.lock --no-install-package web'],
    ['web>=3,<4', 'extra[a,b]==2'],
  ]);
});

test('what the lock file holds anyway is taken from there', () => {
  expect(asked(imported({ tests: ['uv sync', 'uv pip install "web~=4.2"', '.venv/bin/pytest'] }))[0]).toEqual([
    'uv.lock',
  ]);
});

test('a job that has the locked version of such a package has an environment of its own', () => {
  const { config } = imported({
    tests: ['uv sync', 'uv pip install web==4.0', '.venv/bin/pytest'],
    types: ['uv sync', 'uv run mypy .'],
  });
  expect(config.toolchain.requirements).toEqual(['uv.lock --no-install-package web']);
  expect(config.toolchains?.map(({ name, requirements }) => [name, requirements])).toEqual([['types', ['uv.lock']]]);
});
