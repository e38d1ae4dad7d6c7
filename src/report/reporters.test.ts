import { expect, it } from 'vitest';
import { autoReporter, reporterNames } from './reporters.ts';

const setting = { env: {}, cwd: '/', isTerminal: true, isPlain: false };

it('offers the reporters in the order of the help text', () => {
  expect(reporterNames).toEqual(['live', 'plain', 'json', 'github']);
});

it.each([
  ['live', 'a terminal', setting],
  ['plain', 'a pipe', { ...setting, isTerminal: false }],
  ['plain', 'a terminal without colours', { ...setting, isPlain: true }],
  ['github', 'GitHub’s runner', { ...setting, isTerminal: false, env: { GITHUB_ACTIONS: 'true' } }],
  ['github', 'GitHub’s runner, whatever the streams are', { ...setting, env: { GITHUB_ACTIONS: 'true' } }],
])('auto is %s on %s', (name, _, where) => {
  expect(autoReporter(where)).toBe(name);
});
