import { expect, it } from 'vitest';
import { makefileLines } from './makefile.ts';

const brief = (text: string): readonly unknown[] =>
  makefileLines(text).map((line) => {
    if (line.kind === 'assignment') return [line.name, line.sign, line.value.text];
    if (line.kind === 'rule')
      return [line.targets, line.needs.trim(), ...(line.inline === undefined ? [] : [line.inline])];
    return [line.flags, line.command.text, line.command.offsets[0]];
  });

it('a Makefile is assignments, rules and recipe lines, each with what a backslash joins to it', () => {
  expect(
    brief(
      [
        'SRC := src \\',
        '  tests # all',
        'export SRC += docs',
        'GIT != git describe',
        'check lint: | build $(DEPS) ## both',
        '\t@-ruff check $(SRC) \\',
        '\t  --quiet',
        'lint: FLAGS = -x',
        'one: two; pytest -q',
        'ifeq ($(A),b)',
        '',
      ].join('\n'),
    ),
  ).toEqual([
    ['SRC', ':=', 'src    tests'],
    ['SRC', '+=', 'docs'],
    ['GIT', '!=', 'git describe'],
    ['check lint', 'build $(DEPS)'],
    ['@-', 'ruff check $(SRC)  \t  --quiet', 105],
    ['lint', ''],
    ['one', 'two', 'pytest -q'],
  ]);
});
