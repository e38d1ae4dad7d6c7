import { expect, test } from 'vitest';
import { shardVariables } from './shard.ts';
import { splitVariables } from './split-variables.ts';

const own = { PYTHONPATH: '.', PYTEST_ADDOPTS: '-q' };
const records = { PARITY_SPLIT_RECORDS: '/parity/cache/pytest-split' };

test.each([
  ['not asked for', undefined, 4],
  ['as many as steps at once, and that is one', 'auto', 1],
] as const)('%s: the variables are the step’s own', (_, split, jobs) => {
  expect(splitVariables(split === undefined ? {} : { split }, own, jobs)).toEqual(own);
});

test('the plugin comes after what the step says; a number is a number whatever the jobs', () => {
  expect(splitVariables({ split: 'auto' }, own, 4)).toEqual({
    ...records,
    PYTHONPATH: '.:/parity/pytest',
    PYTEST_ADDOPTS: '-q -p parity_split',
    PARITY_SPLIT: 'auto 4',
  });
  expect(splitVariables({ split: 3 }, {}, 1)).toEqual({
    ...records,
    PYTHONPATH: '/parity/pytest',
    PYTEST_ADDOPTS: '-p parity_split',
    PARITY_SPLIT: '3',
  });
});

test('a shard’s part is split once more: its choice is made first', () => {
  expect(splitVariables({ split: 2 }, shardVariables(own, { index: 1, of: 3 }), 2)).toEqual({
    ...records,
    PYTHONPATH: '.:/parity/pytest',
    PYTEST_ADDOPTS: '-q -p parity_shard -p parity_split',
    PARITY_SHARD: '1/3',
    PARITY_SPLIT: '2',
  });
});
