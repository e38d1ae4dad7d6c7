import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { lookUp, lookUpNames } from './look-up.ts';

describe('lookUp', () => {
  it.each([
    ['mypy/implicit-optional', ['mypy/implicit-optional']],
    ['MyPy/Implicit-Optional', ['mypy/implicit-optional']],
    ['F401', ['flake8/unused-import']],
    ['ruff/F401', ['flake8/unused-import']],
    ['flake8:f401', ['flake8/unused-import']],
    ['TS2307', ['tsc/module-not-found']],
    ['mypy/assignment', ['mypy/implicit-optional', 'mypy/incompatible-assignment']],
    ['undefined/ERESOLVE', []],
    ['', []],
    ['constructor', []],
  ])('%j', (asked, ids) => {
    expect(lookUp(asked, catalogue).map(({ id }) => id)).toEqual(ids);
  });

  it('knows each of its names', () => {
    const names = lookUpNames(catalogue);
    expect(names).toContain('mypy/assignment');
    expect(names.filter((name) => lookUp(name, catalogue).length === 0)).toEqual([]);
  });
});
