import { expect, test } from 'vitest';
import { parseEnvFile } from './env-file.ts';

test('.env files are read as dotenv reads them', () => {
  const text = [
    'A=plain # a comment',
    "export B='single # none'",
    'C="line one\\nline \\"two\\""\r',
    'D="-----BEGIN PRIVATE KEY-----',
    'abc',
    '-----END PRIVATE KEY-----"',
    '# E=no',
    'F=',
    'G: yaml like',
    'H=a#b',
  ].join('\n');
  expect(Object.fromEntries(parseEnvFile(text))).toEqual({
    A: 'plain',
    B: 'single # none',
    C: 'line one\nline "two"',
    D: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
    F: '',
    G: 'yaml like',
    H: 'a#b',
  });
});
