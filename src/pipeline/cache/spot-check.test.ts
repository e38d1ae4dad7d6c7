import { expect, it } from 'vitest';
import { spotCheckedSteps } from './spot-check.ts';

const hits = ['format', 'lint', 'types', 'tests'];
const chances = (...numbers: readonly number[]): (() => number) => {
  const left = [...numbers];
  return () => left.shift() ?? 0.99;
};

it('a share of the hits is run all the same, by chance', () => {
  expect(spotCheckedSteps({ hits, othersRun: false, share: 0.1, chance: chances(0.5, 0.09, 0.1, 0.01) })).toEqual([
    'lint',
    'tests',
  ]);
  expect(spotCheckedSteps({ hits, othersRun: false, share: 1 })).toEqual(hits);
  expect(spotCheckedSteps({ hits, othersRun: true, share: 0, chance: chances(0, 0, 0, 0) })).toEqual([]);
});

it('unasked, a few are, but only where something has to run anyway', () => {
  const lucky = (): (() => number) => chances(0.019, 0.5, 0.5, 0.5);
  expect(spotCheckedSteps({ hits, othersRun: true, share: undefined, chance: lucky() })).toEqual(['format']);
  expect(spotCheckedSteps({ hits, othersRun: false, share: undefined, chance: lucky() })).toEqual([]);
  expect(spotCheckedSteps({ hits, othersRun: true, share: undefined, fromEnvironment: '0%', chance: lucky() })).toEqual(
    [],
  );
  expect(
    spotCheckedSteps({ hits, othersRun: true, share: undefined, fromEnvironment: '100%', chance: lucky() }),
  ).toEqual(hits);
});
