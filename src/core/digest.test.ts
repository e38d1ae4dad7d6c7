import { assert, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytes } from './digest.ts';

it('orders as the UTF-8 bytes do', () => {
  const texts = string({ unit: 'grapheme' });
  assert(
    property(texts, texts, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(['\u{1F600}', '\uFFFD', 'a', 'ä', ''].sort(compareBytes)).toEqual(['', 'a', 'ä', '\uFFFD', '\u{1F600}']);
});
