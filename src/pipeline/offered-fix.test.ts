import { describe, expect, it } from 'vitest';
import { offeredFix } from './offered-fix.ts';

const ruff = 'ruff check --fix core/';
const unsafe = [
  'Run: ruff check --fix --unsafe-fixes core/',
  'ruff calls these fixes unsafe, they may change what the code does: look at git diff before you commit',
];
const found = 'core/a.py:5:5: F841 Local variable `x` is assigned to but never used\nFound 2 errors.\n';

describe('a step’s fix command is offered', () => {
  it.each([
    ['ruff 0.17, some of it', '[*] 1 fixable with `--fix` (2 unsafe fixes available with `--fix --unsafe-fixes`).\n'],
    ['an older ruff', '[*] 2 fixable with the `--fix` option.\n'],
    ['the first ruff', '[*] 1 potentially fixable with the --fix option.\n'],
  ])('as %s says that it mends', (_, words) => {
    expect(offeredFix(ruff, found + words, false)).toEqual([`Run: ${ruff}`]);
    // Other findings are a cause, yet what can be mended is.
    expect(offeredFix(ruff, found + words, true)).toEqual([`Run: ${ruff}`]);
  });

  it.each([
    ['ruff 0.17', '1 unsafe fix available with `--fix --unsafe-fixes`.\n'],
    ['an older ruff', 'No fixes available (2 hidden fixes can be enabled with the `--unsafe-fixes` option).\n'],
  ])('with --unsafe-fixes and a warning where %s has no others', (_, words) => {
    expect(offeredFix(ruff, found + words, false)).toEqual(unsafe);
    expect(offeredFix('ruff check --fix --unsafe-fixes core/', found + words, false)).toEqual([]);
  });

  it('not at all where ruff has none, and in any case where it has not said', () => {
    expect(offeredFix(ruff, found, false)).toEqual([]);
    expect(offeredFix(ruff, '::error title=ruff (F841),file=a.py::no\n', false)).toEqual([`Run: ${ruff}`]);
  });

  it('as eslint says', () => {
    const fix = 'npx eslint --fix .';
    const summary = '\n✖ 3 problems (3 errors, 0 warnings)\n';
    expect(offeredFix(fix, summary, false)).toEqual([]);
    const fixable = '  1 error and 0 warnings potentially fixable with the `--fix` option.\n';
    expect(offeredFix(fix, summary + fixable, false)).toEqual([`Run: ${fix}`]);
  });

  it('by others unless a cause has to be mended by hand first', () => {
    expect(offeredFix('black core/', 'would reformat core/a.py\n', false)).toEqual(['Run: black core/']);
    expect(offeredFix('black core/', 'error: cannot format core/a.py: Cannot parse: 1:9\n', true)).toEqual([]);
  });
});
