import { describe, expect, it } from 'vitest';
import { parseOutput } from './parse-output.ts';
import { readTestFailures } from './test-failures.ts';

const record = {
  test: 'core/tests/test_cart.py::test_total',
  phase: 'call',
  exception: 'ValueError',
  message: 'ValueError: negative',
  frames: [
    ['/usr/lib/python3.11/json/decoder.py', 355],
    ['/workspace/core/pricing.py', 15],
    ['/workspace/core/tests/test_cart.py', 9],
    ['<frozen importlib._bootstrap>', 1],
  ],
  own: ['/workspace/core/tests/test_cart.py', 7],
  seconds: 0.25,
};
const written = (...records: readonly object[]): string => records.map((one) => `${JSON.stringify(one)}\n`).join('');
const files = new Set(['core/pricing.py', 'core/tests/test_cart.py']);
const parsed = (text: string, lines: string): unknown =>
  parseOutput({
    text,
    tests: readTestFailures(lines),
    words: new Set(['pytest']),
    cwd: '/workspace',
    folders: [],
    isFile: (path) => files.has(path),
  }).diagnostics;

const diagnostic = {
  tool: 'pytest',
  code: 'ValueError',
  severity: 'error',
  message: 'ValueError: negative',
  file: 'core/pricing.py',
  line: 15,
  column: null,
  test: 'core/tests/test_cart.py::test_total',
};

describe('what pytest wrote down', () => {
  it('is said though nothing was printed: the place is the deepest frame in the repository', () => {
    expect(parsed('', written(record))).toEqual([diagnostic]);
  });

  it('begins at the test itself when no frame is in the repository', () => {
    expect(parsed('', written({ ...record, frames: record.frames.slice(0, 1) }))).toEqual([
      { ...diagnostic, file: 'core/tests/test_cart.py', line: 7 },
    ]);
  });

  it('takes the place of what was printed of the same test, in its order, and leaves the rest', () => {
    const text = [
      'core/app.py:1:1: E302 before',
      '=========================== short test summary info ============================',
      'FAILED core/tests/test_cart.py::test_total - ValueError',
      'FAILED core/tests/test_cart.py::test_of_another_pytest - assert 0',
      '2 failed in 0.02s',
      'core/app.py:2:1: E305 after',
    ].join('\n');
    expect(parsed(text, written(record))).toMatchObject([
      { tool: 'flake8', code: 'E302' },
      diagnostic,
      { test: 'core/tests/test_cart.py::test_of_another_pytest', message: 'assert 0' },
      { tool: 'flake8', code: 'E305' },
    ]);
  });

  it('tells a failing test from its failing tear-down', () => {
    expect(parsed('', written(record, { ...record, phase: 'teardown' }))).toEqual([
      diagnostic,
      { ...diagnostic, phase: 'teardown' },
    ]);
  });

  it.each([
    ['a line that was cut off', '{"test": "core/tests/test_cart.py::test_to'],
    ['a line of something else', '"hello"'],
    ['a record without words', '{"test": "a", "phase": "call", "frames": []}'],
    ['a phase that there is none of', written({ ...record, phase: 'afterwards' })],
  ])('%s means nothing', (_, line) => {
    expect(readTestFailures(`${line}\n${written(record)}`)).toHaveLength(1);
  });

  it('is read whatever a test puts into it', () => {
    const odd = {
      ...record,
      message: '',
      exception: 3,
      frames: [7, ['a'], [null, 2], ['', 3]],
      own: null,
      seconds: 'x',
    };
    expect(readTestFailures(written(odd))).toEqual([
      {
        test: record.test,
        phase: 'call',
        exception: null,
        message: 'failed',
        places: [{ path: 'a', line: null, column: null }],
        durationMs: 0,
      },
    ]);
  });
});
