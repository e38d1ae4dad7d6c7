import { assert, property, string, uniqueArray } from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, compareBytes } from './digest.ts';

it('orders as the UTF-8 bytes do', () => {
  const texts = string({ unit: 'grapheme' });
  assert(
    property(texts, texts, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(['\u{1F600}', '\uFFFD', 'a', 'ä', ''].sort(compareBytes)).toEqual(['', 'a', 'ä', '\uFFFD', '\u{1F600}']);
});

it('writes the members of an object in the byte order of their names, and no undefined one', () => {
  assert(
    property(uniqueArray(string({ unit: 'grapheme' })), (names) => {
      const written = canonicalJson({
        ...Object.fromEntries(names.map((name) => [name, 0])),
        [`${names.join('')}?`]: undefined,
      });
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(written).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
    }),
  );
});
