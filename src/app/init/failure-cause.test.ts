import { expect, test } from 'vitest';
import { failureCause } from './failure-cause.ts';

test.each<[string, string]>([
  ['bash: line 1: hatch: command not found\n', 'environment: the program hatch is missing'],
  ['/bin/sh: 1: pnpm: not found\n', 'environment: the program pnpm is missing'],
  ["E   ModuleNotFoundError: No module named 'yaml'\n", 'environment: the module yaml is missing'],
  ['/opt/parity/bin/python: No module named build\n', 'environment: the module build is missing'],
  ["Error: Cannot find module 'vite'\n", 'environment: the package vite is missing'],
  ["Error: Cannot find module './app'\n", 'code: exit code 1'],
  ['curl: (6) Could not resolve host: example.com\n', 'environment: it asks for the network'],
  ['E   AssertionError: assert 1 == 2\n1 failed in 0.1s\n', 'code: exit code 1'],
])('%s', (output, cause) => {
  const { of, sign } = failureCause({ reason: null, exitCode: 1, signal: null }, output);
  expect(`${of}: ${sign}`).toBe(cause);
});

test('what ended a step from outside is not the code', () => {
  expect(failureCause({ reason: 'timeout', exitCode: null, signal: null }, '').of).toBe('environment');
  expect(failureCause({ reason: null, exitCode: 127, signal: null }, '').of).toBe('environment');
  expect(failureCause({ reason: null, exitCode: null, signal: 'SIGSEGV' }, '')).toEqual({
    of: 'code',
    sign: 'it ended by SIGSEGV',
  });
});
