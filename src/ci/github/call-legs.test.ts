import { expect, test } from 'vitest';
import type { DecidedPipeline } from '../decided-pipeline.ts';
import { decideGithub } from './decide.ts';
import { readGithubPipeline } from './read.ts';

const called = `on:
  workflow_call:
    inputs:
      python: { type: string, required: true }
      coverage: { type: boolean, default: false }
      part: { type: string, default: all }
jobs:
  run:
    steps:
      - uses: actions/setup-python@v6
        with: { python-version: "\${{ inputs.python }}" }
      - run: pytest tests/\${{ inputs.part }}
        if: \${{ !inputs.coverage }}
      - run: pytest --cov tests/\${{ inputs.part }}
        if: \${{ inputs.coverage }}
`;

function decided(matrix: string, inputs: string, wantedPython: string): DecidedPipeline {
  const text = `on: push
jobs:
  tests:
    strategy:
      matrix:
${matrix}
    uses: ./.github/workflows/run.yml
    with:
${inputs}
  docs:
    needs: [tests]
    steps:
      - run: make docs
`;
  const readText = (path: string): string | undefined => (path === '.github/workflows/run.yml' ? called : undefined);
  return decideGithub(readGithubPipeline({ path: 'ci.yml', text }), { wantedPython, wantedNode: '24', readText });
}

const versions = '        py: ["3.9", "3.11", "3.12"]';
const perVersion = "      python: ${{ matrix.py }}\n      coverage: ${{ matrix.py == '3.12' }}";

test('a matrix that calls a workflow has the leg of the wanted Python, and offers those of all', () => {
  const { jobs, leftOut } = decided(versions, perVersion, '3.11');
  expect(jobs.map(({ id, python, offers, needs }) => [id, python?.said, offers.python, needs])).toEqual([
    ['tests-run', '3.11', ['3.11', '3.9', '3.12'], []],
    ['docs', undefined, [], ['tests-run']],
  ]);
  expect(jobs[0]?.steps.map(({ script }) => script)).toEqual(['pytest tests/all']);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    '2 other legs of job tests (py 3.9; py 3.12): an environment has one toolchain; py 3.11 is carried over',
  );
});

test('inputs that a leg computes are those of the leg that is carried over', () => {
  const { jobs } = decided(versions, perVersion, '3.12');
  expect(jobs[0]?.steps.map(({ script }) => script)).toEqual(['pytest --cov tests/all']);
});

test('legs that call a workflow for other parts of the code are all carried over, each as a job', () => {
  const { jobs } = decided(
    '        py: ["3.9", "3.11"]\n        part: [unit, web/e2e]',
    '      python: ${{ matrix.py }}\n      part: ${{ matrix.part }}',
    '3.11',
  );
  expect(jobs.map(({ id, python, steps }) => [id, python?.said, ...steps.map(({ script }) => script)])).toEqual([
    ['tests-unit-run', '3.11', 'pytest tests/unit'],
    ['tests-web-e2e-run', '3.11', 'pytest tests/web/e2e'],
    ['docs', undefined, 'make docs'],
  ]);
  expect(jobs.at(-1)?.needs).toEqual(['tests-unit-run', 'tests-web-e2e-run']);
});
