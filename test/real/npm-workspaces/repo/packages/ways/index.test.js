import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kilometres } from './index.js';

test('both directions', () => {
  assert.equal(kilometres('Bern', 'Thun'), 31);
  assert.equal(kilometres('Chur', 'Basel'), 202);
});

test('no way', () => {
  assert.throws(() => kilometres('Bern', 'Chur'), RangeError);
});

test('from the map server', { skip: process.env.CI ? 'not from CI' : false }, () => {
  assert.fail();
});
