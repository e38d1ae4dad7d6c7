import { expect, test } from 'vitest';
import { announcementsOf, compareRuns, figures, type JobRun } from './compare.ts';

const file = '.github/workflows/ci.yml';
const written = `pipeline:
  # ${file}:8, job a
  - name: one
  # ${file}:9, job a; as in CI, only the last command of a pipe counts
  - name: two
# Not carried over from CI:
# - ${file}:10: step \`x\` of job a: it only prints
`;
const places = [{ job: 'a', from: 5, to: 12, steps: [8, 9, 10, 11].map((line) => ({ from: line, to: line })) }];
const run = (job: string, ...lines: readonly (readonly [text: string, line: number])[]): JobRun => ({
  job,
  outcome: 'passed',
  lines: lines.map(([text, line]) => ({ text, place: { from: line, to: line } })),
});
const compared = (ci: readonly JobRun[], parity: readonly JobRun[], text = written): ReturnType<typeof compareRuns> =>
  compareRuns({ ci, parity, announcements: announcementsOf(text), places, file });

test('announcements name a place; where a step is from is none', () => {
  expect(announcementsOf(written).map(({ line }) => line)).toEqual([9, 10]);
});

test('equal lines in the same order, legs in any', () => {
  const one = run('a', ['1', 8], ['2', 8]);
  const two = run('a', ['3', 8]);
  expect(compared([one, two], [two, one])).toEqual({ verdict: 'equal', differences: [] });
  expect(compared([one], [run('a', ['2', 8], ['1', 8])]).verdict).toBe('unequal');
});

test('a difference is announced at its own step, not at another one', () => {
  expect(compared([run('a', ['1', 8], ['x', 10])], [run('a', ['1', 8])])).toEqual({
    verdict: 'announced',
    differences: ['  a: only CI printed "x"'],
  });
  expect(compared([run('a', ['1', 8], ['x', 11])], [run('a', ['1', 8])])).toEqual({
    verdict: 'unequal',
    differences: ['! a: only CI printed "x"'],
  });
});

test('a job that ran on one side only, and one that ended otherwise', () => {
  const alone = compared([run('b', ['1', 20])], []);
  expect(alone.differences).toEqual(['! b: CI passed, parity did not run it', '! b: only CI printed "1"']);
  expect(compared([run('b', ['1', 20])], [], `# - ${file}:2: job b: it runs on windows\n`).verdict).toBe('announced');
  expect(compared([{ job: 'b', outcome: 'failed', lines: [] }], [run('b')]).verdict).toBe('unequal');
  expect(compared([{ job: 'b', outcome: 'skipped', lines: [] }], []).verdict).toBe('equal');
});

test('figures', () => {
  expect(figures([compared([], []), compared([run('b', ['1', 2])], [])])).toBe(
    '2 pipelines: 1 equal, 0 announced, 1 unequal',
  );
});
