import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addInPathOrder, inPathOrder, type FileState } from './file-state.ts';

const files = (digest: string): fc.Arbitrary<readonly FileState[]> =>
  fc.array(
    fc
      // Few characters, so that names meet; one outside the plane where UTF-16 orders as bytes do, one that stands for a byte that is no UTF-8.
      .array(fc.constantFrom('a', 'b', '/', '\u{1F600}', '\uFF5E', '\uDCE9'), { minLength: 1, maxLength: 4 })
      .map((parts): FileState => ({ path: parts.join(''), mode: '100644', digest })),
    { maxLength: 30 },
  );

test('some files are added to many in the order that all of them have together', () => {
  fc.assert(
    fc.property(files('many'), files('some'), (many, some) => {
      expect(addInPathOrder(inPathOrder(many), some)).toEqual(inPathOrder([...some, ...many]));
    }),
  );
});
