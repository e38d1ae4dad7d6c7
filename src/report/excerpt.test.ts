import { describe, expect, it } from 'vitest';
import { excerpt, headline } from './excerpt.ts';

const dots = Array.from({ length: 40 }, (_, index) => `core/tests/test_${index}.py ....`);
const table = Array.from({ length: 50 }, (_, index) => `core/module_${index}.py    10    0   100%`);

describe('excerpt', () => {
  it('shows a short output whole, without the blank lines around it', () => {
    expect(excerpt(['', 'a', '', 'b', ''])).toEqual({ lines: ['a', '', 'b'], shortened: false });
    expect(excerpt([])).toEqual({ lines: [], shortened: false });
  });

  it('shows the end of a long one', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index}`);
    expect(excerpt(lines, 3)).toEqual({ lines: ['97', '98', '99'], shortened: true });
  });

  it('shows a pytest run’s failures and summary, not its dots and not its coverage table', () => {
    const lines = [
      ...dots,
      '=================================== FAILURES ===================================',
      '__________________________________ test_total __________________________________',
      '>       assert total == 4',
      'E       assert 3 == 4',
      '================================ tests coverage ================================',
      ...table,
      '=========================== short test summary info ============================',
      'FAILED core/tests/test_cart.py::test_total - assert 3 == 4',
      '1 failed, 59 passed in 3.2s',
    ];
    expect(excerpt(lines)).toEqual({ lines: [...lines.slice(40, 44), ...lines.slice(-3)], shortened: true });
  });
});

describe('headline', () => {
  it.each([
    [['...F', '1 failed', 'FAILED a.py::b - assert 1'], 'FAILED a.py::b - assert 1'],
    [['would reformat core/app.py', 'Oh no!'], 'would reformat core/app.py'],
    [['core/a.py:3:1: E302 expected 2 blank lines'], 'core/a.py:3:1: E302 expected 2 blank lines'],
    [['core/a.py:3: error: Bad  [x]', 'Found 1 error'], 'core/a.py:3: error: Bad  [x]'],
    [['> tsc', 'src/App.tsx(3,18): error TS2307: No'], 'src/App.tsx(3,18): error TS2307: No'],
    [['npm error code E404', 'bye'], 'npm error code E404'],
    [['one', 'two', ''], 'two'],
    [[], ''],
  ])('of %j', (lines, telling) => {
    expect(headline(lines)).toBe(telling);
  });
});
