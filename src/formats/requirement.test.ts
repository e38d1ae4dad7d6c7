import { expect, it } from 'vitest';
import { readRequirement } from './requirement.ts';

function parts(text: string): Record<string, unknown> | undefined {
  const { requirement } = readRequirement(text);
  if (requirement === undefined) return undefined;
  const { name, extras, url, specifier, marker } = requirement;
  for (const part of [name, ...extras, url, specifier, marker])
    if (part !== undefined) expect(text.slice(part.start, part.end)).toBe(part.text);
  return {
    name: name.text,
    ...(extras.length === 0 ? {} : { extras: extras.map((extra) => extra.text) }),
    ...(url === undefined ? {} : { url: url.text }),
    ...(specifier === undefined ? {} : { specifier: specifier.text }),
    ...(marker === undefined ? {} : { marker: marker.text }),
  };
}

it.each([
  ['black', { name: 'black' }],
  [' Black == 25.9.0 ', { name: 'Black', specifier: '== 25.9.0' }],
  ['redis[hiredis, x] (>=5, <6)', { name: 'redis', extras: ['hiredis', 'x'], specifier: '>=5, <6' }],
  ['mypy>=1,;python_version<"3.9"', { name: 'mypy', specifier: '>=1', marker: 'python_version<"3.9"' }],
  [
    'shop @ https://x.test/a;b ; os_name == "posix"',
    { name: 'shop', url: 'https://x.test/a;b', marker: 'os_name == "posix"' },
  ],
  ['shop@git+ssh://x.test/a@1', { name: 'shop', url: 'git+ssh://x.test/a@1' }],
  ['black==${VERSION}', { name: 'black', specifier: '==${VERSION}' }],
  ['black[]', { name: 'black' }],
])('%s', (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

it.each([
  '',
  '-e .',
  './libs/shop',
  'https://x.test/a',
  'black 25',
  'black-',
  'black;',
  'black ; ',
  'a @',
  'a @ b c',
  'a>=1) b',
])('%j is no requirement', (text) => {
  const { requirement, problem } = readRequirement(text);
  expect(requirement).toBeUndefined();
  expect(problem).toBeDefined();
});

it.each([
  ['-e .', { part: 'name', text: '-e .' }],
  ['black[-]>=1', { part: 'extra', text: '-' }],
  ['black>=1, 2', { part: 'specifier', text: '2' }],
  ['black==${V}', { part: 'specifier', text: '==${V}' }],
  ['black>=1;', { part: 'marker', text: '' }],
  ['a @ b c', { part: 'url', text: 'c' }],
  ['black>=1', undefined],
])('what is wrong with %s', (text, expected) => {
  expect(readRequirement(text).problem).toEqual(expected);
});
