import { expect, it } from 'vitest';
import { YamlDocument } from './yaml-document.ts';

it('gives plain values, aliases and merge keys followed, with the place of each', () => {
  const document = new YamlDocument('\uFEFFbase: &base { python: 3.10 }\njob:\n  <<: *base\n  run: |\n    make\n');
  expect(document.value).toEqual({ base: { python: '3.10' }, job: { python: '3.10', run: 'make\n' } });
  expect(document.problems).toEqual([]);
  expect(document.spanOf(['job', 'python'])).toMatchObject({ line: 1, column: 23 });
  expect(document.spanOf(['job', 'run'])).toEqual({ line: 4, column: 3, endLine: 4, endColumn: 6 });
  expect(document.keySpanOf(['job'])).toEqual({ line: 2, column: 1, endLine: 2, endColumn: 4 });
  expect(document.lineText(3)).toBe('  <<: *base');
});

it.each([
  ['a: 1\na: 2\n', 'DUPLICATE_KEY', 'a'],
  ['? [a]\n: 1\n', 'KEY_NOT_TEXT', ''],
  ['a:\n  <<: 1\n', 'MERGED_NO_MAP', ''],
  ['a: *b\n', 'ALIAS_WITHOUT_ANCHOR', 'b'],
])('%j has the problem %s', (text, kind, subject) => {
  expect(new YamlDocument(text).problems).toContainEqual(expect.objectContaining({ kind, subject }));
});
