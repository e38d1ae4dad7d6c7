import { expect, it } from 'vitest';
import { verdict, type Verdict } from '../../src/doctor/versions.ts';
import { admitsVersion } from '../../src/formats/version-specifier.ts';
import { judgedByNpm, judgedByPackaging } from '../support/judges.ts';
import { npmPairs, pythonPairs } from '../support/version-pairs.ts';

/*
 * New pairs each day, held by those who decide: the unit tests have 5,000 recorded ones. A failure shows the pairs, which the seed makes again.
 */
const seed = Math.floor(Date.now() / 86_400_000);
const count = 5000;

it('admits what packaging admits', () => {
  const pairs = pythonPairs(seed, count);
  const said = judgedByPackaging(pairs);
  const different = pairs.flatMap((pair, index) => {
    const own = admitsVersion(pair.specifier, pair.version);
    return (own === undefined ? null : Number(own)) === said[index] ? [] : [{ ...pair, said: said[index], own, seed }];
  });
  expect(different).toEqual([]);
});

it('admits what npm admits, of a package and of Node', () => {
  const pairs = npmPairs(seed, count);
  const said = judgedByNpm(pairs);
  const worth = { same: 1, admits: 1, other: 0, excludes: 0, unreadable: null } satisfies Record<Verdict, 0 | 1 | null>;
  const different = pairs.flatMap(({ specifier, version }, index) => {
    const own = [true, false].map(
      (isWhole) => worth[verdict({ scheme: 'semver', value: specifier }, version, { isWhole })],
    );
    return JSON.stringify(own) === JSON.stringify(said[index])
      ? []
      : [{ specifier, version, said: said[index], own, seed }];
  });
  expect(different).toEqual([]);
});
