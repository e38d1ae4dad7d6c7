import { describe, expect, test } from 'vitest';
import { format, total } from './money';

describe('format', () => {
  test.each([
    [0, '0.00 €'],
    [5, '0.05 €'],
    [123456, '1234.56 €'],
  ])('%i', (cents, text) => {
    expect(format(cents)).toBe(text);
  });

  test('refuses parts of a cent', () => {
    expect(() => format(0.5)).toThrow(RangeError);
  });
});

test('total with the sign of the build', () => {
  expect(total([450, 320], process.env['SIGN'])).toBe('7.70 $');
});
