import { describe, expect, test } from 'vitest';
import { checkResults } from '../support/real/check-results.ts';
import { readCounts } from '../support/real/read-counts.ts';

test.each([
  [
    '==== \u001b[32m3 passed\u001b[0m, \u001b[33m1 skipped\u001b[0m, 2 warnings in 0.12s ====\n',
    ['3 passed, 1 skipped'],
  ],
  [
    '1 failed, 2 passed, 1 xfailed, 1 xpassed, 2 errors in 61.02s (0:01:01)',
    ['2 passed, 1 failed, 2 errors, 1 xfailed, 1 xpassed'],
  ],
  ['== 3 passed in 0.1s ==\nlint: OK\n== 2 passed, 1 deselected in 0.2s ==', ['3 passed', '2 passed, 1 deselected']],
  [' Test Files  1 passed (1)\n      Tests  5 passed | 1 skipped | 1 todo (7)\n', ['5 passed, 1 skipped, 1 todo']],
  ['packages/core test:       Tests  4 passed (4)\n', ['4 passed']],
  [
    '# tests 4\n# suites 0\n# pass 2\n# fail 0\n# cancelled 0\n# skipped 1\n# todo 1\n',
    ['2 passed, 1 skipped, 1 todo'],
  ],
  ['Ran 8 tests in 0.03s\n\nOK (skipped=1, expected failures=2)\n', ['5 passed, 1 skipped, 2 xfailed']],
  ['Ran 3 tests in 0.03s\n\nFAILED (failures=1, errors=1)\n', ['1 passed, 1 failed, 1 errors']],
  ['it was in 3 passed tests\n', []],
])('%j', (output, counts) => {
  expect(readCounts(output)).toEqual(counts);
});

describe('what became of CI’s checks', () => {
  const lines = ['pip install .', 'uv run pytest', 'pytest packages/core', 'ruff check .'];
  const checks = ['uv run pytest', 'pytest packages/core', 'ruff check .'];
  const ran = (run: string, output = '', outcome = 'passed') => ({ run, output, outcome });

  test('a launcher does not matter, the arguments do', () => {
    const steps = [ran('pytest', '3 passed in 1s'), ran('pytest packages/core', '1 failed in 1s', 'failed')];
    expect(checkResults({ checks, lines, ran: steps })).toEqual({
      'uv run pytest': 'passed: 3 passed',
      'pytest packages/core': 'failed: 1 failed',
      'ruff check .': 'missing',
    });
  });

  test('variables and a folder around a check are no matter; what is not CI’s is told', () => {
    const steps = [
      ran('pip install .'),
      ran('(cd core && A=1 uv run pytest)'),
      ran('ruff check src'),
      ran('black --check .'),
    ];
    expect(checkResults({ checks, lines, ran: steps })).toEqual({
      'uv run pytest': 'passed',
      'pytest packages/core': 'missing',
      'ruff check .': 'missing',
      "not CI's: ruff check src": 'passed',
      "not CI's: black --check .": 'passed',
    });
  });
});
