import { expect, it } from 'vitest';
import { leadingName, normalisedName } from './package-name.ts';

it.each([
  ['Friendly.Bard', 'friendly-bard'],
  ['friendly--_.bard', 'friendly-bard'],
  ['black', 'black'],
])('%s is compared as %s', (name, expected) => {
  expect(normalisedName(name)).toBe(expected);
});

it.each([
  [' Zope.Interface>=5', 'zope-interface'],
  ['black[d]==25.9.0', 'black'],
  ['-e .', undefined],
  ['==1', undefined],
])('%s begins with the name %s', (requirement, expected) => {
  expect(leadingName(requirement)).toBe(expected);
});
