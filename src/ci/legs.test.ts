import { expect, test } from 'vitest';
import { chooseLegs, type Leg } from './legs.ts';

function keptOf(legs: readonly Leg[], used: readonly string[]): readonly Leg[] {
  return chooseLegs(legs, {
    wantedPython: '3.11',
    wantedNode: '24',
    versions: ({ python }) =>
      typeof python === 'string'
        ? {
            python: {
              said: python,
              how: '',
              place: { file: '', span: { line: 1, column: 1, endLine: 1, endColumn: 1 } },
            },
          }
        : {},
    isUsed: (axis) => used.includes(axis),
  }).kept;
}

test.each<[string, readonly Leg[], readonly string[], readonly Leg[]]>([
  [
    'versions of a package are one leg, the newest, whatever they are called',
    [{ dep: 'pydantic-v1' }, { dep: 'pydantic-v2' }],
    ['dep'],
    [{ dep: 'pydantic-v2' }],
  ],
  [
    'requirements of a package likewise, and not what moves',
    [{ dj: 'Django>=4.2,<5.0' }, { dj: 'Django>=5.2,<6.0' }, { dj: 'Django>=5.1,<5.2' }, { dj: 'main' }],
    ['dj'],
    [{ dj: 'Django>=5.2,<6.0' }],
  ],
  ['not the experimental one', [{ experimental: true }, { experimental: false }], [], [{ experimental: false }]],
  ['the highest of two resolutions', [{ r: 'lowest-direct' }, { r: 'highest' }], [], [{ r: 'highest' }]],
  ['tasks are each a leg', [{ s: 'lint' }, { s: 'tests-1' }], ['s'], [{ s: 'lint' }, { s: 'tests-1' }]],
  ['parts of the tests are each a leg', [{ shard: '1' }, { shard: '2' }], ['shard'], [{ shard: '1' }, { shard: '2' }]],
  [
    'of two Pythons the wanted, with the newest of the rest',
    [
      { python: '3.11', orm: '1.4' },
      { python: '3.11', orm: '2.0' },
      { python: '3.12', orm: '2.1' },
    ],
    ['orm'],
    [{ python: '3.11', orm: '2.0' }],
  ],
])('%s', (_, legs, used, kept) => {
  expect(keptOf(legs, used)).toEqual(kept);
});
