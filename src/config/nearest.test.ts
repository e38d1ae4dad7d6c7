import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['ui-instal', ['ui-build', 'ui-install'], 'ui-install'],
  ['tset', ['tests', 'test'], 'test'],
  ['NETWORK', ['needs', 'network'], 'network'],
  ['pipeline', ['services'], undefined],
  ['a', ['b', 'c'], 'b'],
  ['xyz', [], undefined],
])('nearest to %s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
