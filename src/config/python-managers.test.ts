import { expect, it } from 'vitest';
import { pythonManagerLine, pythonManagerVersion } from './python-managers.ts';

it.each([
  ['0.9.2', 'uv==0.9.2'],
  ['0.9', 'uv==0.9.*'],
  ['0.9.x', 'uv==0.9.*'],
  ['1', 'uv==1.*'],
  ['>=0.8, <0.10', 'uv>=0.8,<0.10'],
  ['latest', 'uv'],
])('%s is %s', (version, line) => {
  expect(pythonManagerVersion(version)).toBeUndefined();
  expect(pythonManagerLine('uv', version)).toBe(line);
});

it('what is no version is told', () => {
  for (const text of ['newest', '^1.8', '>=', '1.8 - 2']) {
    expect(pythonManagerVersion(text)).toMatchObject({ code: 'bad-manager-version' });
  }
});
