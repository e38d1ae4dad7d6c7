import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { admitsVersion, isSpecifierSet } from './version-specifier.ts';

it.each([
  ['==1.0', '1.0+cpu', true],
  ['==1.0+cpu', '1.0', false],
  ['<=1.0', '1.0+cpu', true],
  ['>1.0', '1.0+cpu', false],
  ['>1.0', '1.0.post1', false],
  ['>1.0.post1', '1.0.post2', true],
  ['<1.0', '1.0rc1', false],
  ['<1.0.post1', '1.0rc1', true],
  ['>=1.0', '1.1.dev0', true],
  ['==1.*', '1', true],
  ['!=1.*', '1!1.0', true],
  ['~=1.4.0', '1.4', true],
  ['~=1.4', '2.0.dev0', false],
  ['===1.0', '1.0.0', false],
  ['===2023-snapshot', '2023-SNAPSHOT', true],
  ['<=24.0', '24.0', true],
  ['>=20230101123456789012', '20230101123456789013', true],
  ['', 'anything', true],
  ['>=1', 'anything', false],
  ['>=3.6.*', '3.7', undefined],
  ['~=1', '1.0', undefined],
  ['^1.0', '1.0', undefined],
])('%s of %s: %s', (specifier, version, expected) => {
  expect(admitsVersion(specifier, version)).toBe(expected);
  expect(isSpecifierSet(specifier)).toBe(expected !== undefined);
});

it('judges as packaging does: its verdicts of 5,000 pairs', () => {
  const table = readFileSync('test/fixtures/versions/packaging.tsv', 'utf8').trimEnd().split('\n').slice(1);
  expect(table).toHaveLength(5000);
  const different = table.filter((line) => {
    const [specifier = '', version = '', said] = line.split('\t');
    const own = admitsVersion(specifier, version);
    return (own === undefined ? '' : String(Number(own))) !== said;
  });
  expect(different).toEqual([]);
});
