import { expect, test } from 'vitest';
import { createWrittenPaths } from './written-paths.ts';

const report = { path: 'coverage.xml', isTracked: false };
const source = { path: 'src/a.py', isTracked: true };

test('a report that git does not know is taken for what a step writes after some rounds in a row', () => {
  const written = createWrittenPaths();
  expect(written.verdict(report)).toBe('cancel');
  for (let round = 1; round < 4; round += 1) {
    expect(written.roundOver([report])).toEqual([]);
    expect(written.verdict(report)).toBe('after');
  }
  expect(written.roundOver([report])).toEqual(['coverage.xml']);
  expect(written.verdict(report)).toBe('ignore');
  expect(written.roundOver([report])).toEqual([]);
  // Saved by hand, or added to git: somebody's file after all.
  expect(written.verdict({ ...report, isTracked: true })).not.toBe('ignore');
  written.edited('coverage.xml');
  expect(written.verdict(report)).not.toBe('ignore');
});

test('a round without it ends the suspicion', () => {
  const written = createWrittenPaths();
  for (let round = 0; round < 10; round += 1) {
    expect(written.roundOver(round % 3 === 2 ? [] : [report])).toEqual([]);
  }
  expect(written.roundOver([])).toEqual([]);
  expect(written.verdict(report)).toBe('cancel');
});

test('what git knows is never ignored, but may not keep rounds from their ends for ever', () => {
  const written = createWrittenPaths();
  for (let round = 0; round < 10; round += 1) {
    expect(written.verdict(source)).toBe('cancel');
    expect(written.roundOver([source])).toEqual([]);
  }
  expect(written.verdict(source)).toBe('after');
});
