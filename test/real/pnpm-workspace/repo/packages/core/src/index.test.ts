import { expect, test } from 'vitest';
import { beaufort } from './index.js';

test.each([
  [0, 0],
  [4, 2],
  [33, 7],
  [70, 12],
])('%i knots', (knots, expected) => {
  expect(beaufort({ knots, from: 0 })).toBe(expected);
});

test.fails('negative winds are refused', () => {
  expect(() => beaufort({ knots: -1, from: 0 })).toThrow();
});
