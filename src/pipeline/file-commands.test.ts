import { expect, test } from 'vitest';
import { parseFileCommands } from './file-commands.ts';

const read = (text: string | null): unknown => {
  const parsed = parseFileCommands('GITHUB_ENV', text);
  return parsed.ok ? Object.fromEntries(parsed.value) : parsed.error;
};

test('lines, values of several lines, and the later of two values', () => {
  expect(read('')).toEqual({});
  expect(read('A=1\n\nB=x=y z\r\nA=2\nEMPTY=\n')).toEqual({ A: '2', B: 'x=y z', EMPTY: '' });
  expect(read('TEXT<<END\none\n\nA=1\nEND\nB=<<x\n')).toEqual({ TEXT: 'one\n\nA=1', B: '<<x' });
  expect(read('NOTHING<<END\nEND\n')).toEqual({ NOTHING: '' });
});

test('what GitHub would not take is told', () => {
  expect(read('just words\n')).toBe('GITHUB_ENV has the line "just words", which is not NAME=value');
  expect(read('=1\n')).toBe('GITHUB_ENV has the line "=1", which is not NAME=value');
  expect(read('A<<END\none\n')).toBe('GITHUB_ENV has a value for A that no line "END" ends');
  expect(read('<<END\nEND\n')).toBe('GITHUB_ENV has the line "<<END", which names nothing');
  expect(read(null)).toBe('GITHUB_ENV is no file of at most 1 MiB');
});
