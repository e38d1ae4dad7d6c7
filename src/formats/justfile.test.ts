import { expect, it } from 'vitest';
import { justfileLines } from './justfile.ts';

it('a justfile is assignments of plain texts, recipes with what they need, and their commands', () => {
  const text = [
    'set shell := ["bash", "-c"]',
    'python := "python3"',
    'sum := python + "x"',
    '# tests',
    '@test *args: (lint "src") build && report # all',
    '    -{{ python }} -m pytest',
    '',
    '    echo done',
    'alias t := test',
    '    no command of a recipe',
  ].join('\n');
  const brief = justfileLines(text).map((line) => {
    if (line.kind === 'assignment') return [line.name, line.value.text];
    return line.kind === 'recipe' ? [line.name, ...line.needs] : [line.flags, line.command.text];
  });
  expect(brief).toEqual([
    ['python', 'python3'],
    ['test', 'lint', 'build', 'report'],
    ['-', '{{ python }} -m pytest'],
    ['', 'echo done'],
  ]);
});
