import { expect, test } from 'vitest';
import { assessStability, type Round } from '../remedies/stability.ts';
import { repeatText } from './repeat-text.ts';

const passed = { step: 'tests', passed: true, diagnostics: [] } as const;
const round = (number: number, steps: Round['steps']): Round => {
  return { round: number, seed: number === 1 ? null : number, steps, fixtures: new Map() };
};
const told = (rounds: readonly Round[]): string =>
  repeatText(rounds, assessStability(rounds), { times: 3, seed: 7, steps: ['my tests'] });

test('a series without a failure', () => {
  expect(told([1, 2, 3].map((number) => round(number, [passed])))).toBe(
    '3 runs, all passed: nothing unstable was seen',
  );
});

test('a series that a failing need ended, and one with a test that fails now and then', () => {
  const build = { step: 'build', passed: false, diagnostics: [] } as const;
  expect(told([round(1, [build])])).toBe(`fails every time:
  step build: failed in 1 of 1

1 run of 3: 1 failed; 0 unstable, 1 failing every time
next: PARITY_REPEAT_SEED=7 parity up --repeat 3 'my tests'   runs them in the same orders again`);

  const test = 'tests/test_a.py::test_a';
  const failed = {
    step: 'tests',
    passed: false,
    diagnostics: [{ test, message: 'assert 1 == 2\n +  where', file: null, severity: 'error' }],
  } as const;
  expect(told([round(1, [passed]), round(2, [failed]), round(3, [passed])])).toBe(`unstable:
  tests/test_a.py::test_a: failed in 1 of 3 (run 2)
      assert 1 == 2

what they share:
  none failed in its own order, only when shuffled: one test may leave something that another stumbles over

3 runs: 1 failed; 1 unstable, 0 failing every time
next: PARITY_REPEAT_SEED=7 parity up --repeat 3 'my tests'   runs them in the same orders again`);
});
