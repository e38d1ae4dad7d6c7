import { expect, test } from 'vitest';
import { findRun, lastPrinted, type RunEntry } from './find-run.ts';

function run(
  id: string,
  steps: readonly (readonly [name: string, outcome: 'passed' | 'cached', log: number | null])[],
): RunEntry {
  return {
    version: 1,
    id,
    at: '2026-11-26T02:48:08.123Z',
    parity: '0.1.0',
    type: 'run',
    command: 'up',
    asked: [],
    outcome: 'passed',
    durationMs: 1,
    commit: null,
    dirty: null,
    imageId: null,
    steps: steps.map(([name, outcome, log]) => ({ name, outcome, exitCode: 0, reason: null, durationMs: 1, log })),
    failure: null,
    receipt: null,
    logs: null,
  };
}

const first = run('a1b2c3d4', [
  ['lint', 'passed', 7],
  ['tests', 'passed', null],
]);
const second = run('a1ff0000', [
  ['lint', 'cached', null],
  ['tests', 'cached', null],
]);
const last = run('0f0f0f0f', [
  ['lint', 'cached', null],
  ['ui build', 'passed', 3],
]);
const runs = [first, second, last];

/** What is found, or what is said, in one line. */
function found(...words: readonly string[]): string {
  const wanted = findRun(runs, words);
  if (wanted.ok) return [wanted.value.run.id, wanted.value.step].filter((word) => word !== undefined).join(' ');
  const { message, detail, next } = wanted.error;
  return [message, detail, next].filter((text) => text !== undefined).join(' | ');
}

test('a run is named by its ID, the beginning of it, or as the last; a step by its name', () => {
  expect(found()).toBe('0f0f0f0f');
  expect(found('last', 'ui build')).toBe('0f0f0f0f ui build');
  expect(found('a1b', 'tests')).toBe('a1b2c3d4 tests');
  expect(found('a1ff0000')).toBe('a1ff0000');
  expect(found('lint')).toBe('0f0f0f0f lint');
});

test('a mistake is told with what is near', () => {
  expect(found('a1')).toBe('2 runs begin with a1: a1b2c3d4, a1ff0000 | give more of its letters');
  expect(found('lnit')).toBe(
    'no run, and no step of the last one, is called lnit (did you mean lint?) | parity logs lint',
  );
  expect(found('a1b2c3d5', 'lint')).toBe(
    'no run is called a1b2c3d5 (did you mean a1b2c3d4?) | parity logs a1b2c3d4 lint',
  );
  expect(found('whatever it is')).toBe(
    'no run, and no step of the last one, is called whatever it is | parity history',
  );
  expect(found('a1b', 'test')).toBe(
    'run a1b2c3d4 has no step test (did you mean tests?) | its steps are: lint, tests | parity logs a1b2c3d4 tests',
  );
  expect(findRun([], [])).toMatchObject({ ok: false, error: { reason: 'usage', next: 'parity up' } });
});

test('what a cached step printed is that of the last run before in which it ran', () => {
  expect(lastPrinted(runs, last, 'lint')?.id).toBe('a1b2c3d4');
  expect(lastPrinted(runs, last, 'tests')).toBeUndefined();
  expect(lastPrinted(runs, first, 'lint')).toBeUndefined();
});
