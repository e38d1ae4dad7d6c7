import { expect, it } from 'vitest';
import { justExpression } from './just-expression.ts';

const variables: Readonly<Record<string, string>> = { python: 'python3.11', none: '', dir: 'out' };

it.each<[string, string | undefined]>([
  ['python', 'python3.11'],
  ["if python != '' { '-p ' + python } else { '' }", '-p python3.11'],
  ["if none != '' { 'x' } else if python == \"python3.11\" { dir / 'a' } else { 'y' }", 'out/a'],
  ['if (dir + "/") == "out/" { "\\"yes\\"" } else { "no" }', '"yes"'],
  // What only just can tell.
  ['env("HOME")', undefined],
  ['unknown', undefined],
  ['`date`', undefined],
  ["if dir =~ 'o.*' { 'a' } else { 'b' }", undefined],
  ["if dir == 'out' { 'a' }", undefined],
  ['(', undefined],
])('%s is %s', (text, value) => {
  expect(justExpression(text, (name) => variables[name])).toBe(value);
});
