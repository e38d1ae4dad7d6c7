import { expect, it } from 'vitest';
import { failure } from '../core/failure.ts';
import { lacksPython } from './base.ts';

it.each([
  [
    'no base for Python 3.16: could not ask the registry for python:3.16-slim, and no Debian release has that Python',
    true,
  ],
  ['Debian bookworm has Python 3.11.2, not 3.11.99', true],
  ['no Debian release has Python 3.8 (bookworm 3.11)', true],
  ['the Debian mirror could not be reached', false],
])('whether it is the Python that is not there: %s', (message, expected) => {
  expect(lacksPython(failure('network', message))).toBe(expected);
});
