import { expect, it } from 'vitest';
import { sameRange, sameSpecifier } from './same-specifier.ts';

it('tells conditions that ask for the same, however they are written', () => {
  expect(sameSpecifier('>=25, <26', '<26.0,>=25')).toBe(true);
  expect(sameSpecifier('==1.0-alpha1', '==1.0a1')).toBe(true);
  expect(sameSpecifier('>=1.0.*', '>=1.0')).toBe(true);
  expect(sameSpecifier(undefined, '')).toBe(true);
  expect(sameSpecifier('==1.*', '==1')).toBe(false);
  expect(sameSpecifier('>=1', '>1')).toBe(false);
  expect(sameSpecifier('>=1', undefined)).toBe(false);
});

it('tells ranges of Python that are the same, and says nothing of what is no range', () => {
  expect(sameRange(['>=3.11,<3.12'], '==3.11.*')).toBe(true);
  expect(sameRange(['~=3.11'], '>=3.11, <4')).toBe(true);
  expect(sameRange(['>=3.9', '>=3.11'], '>=3.11')).toBe(true);
  expect(sameRange(['>=3.9'], '>=3.11')).toBe(false);
  expect(sameRange(['>=3.11,<3.13'], '>=3.11')).toBe(false);
  expect(sameRange(['>=3.9,!=3.9.1'], '>=3.9')).toBeUndefined();
  expect(sameRange(['>=3.13.0b1'], '>=3.13')).toBeUndefined();
});
