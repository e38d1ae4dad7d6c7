import { describe, expect, it } from 'vitest';
import { resultsOf } from './test-results.ts';

describe('the plugin that writes down what fails', () => {
  it('is loaded with what the step says itself', () => {
    const { variables, file } = resultsOf({ run: 'cd core && pytest -q' }, { PYTHONPATH: '.', A: '1' }) ?? {};
    expect(file).toMatch(/^\/tmp\/parity-results-[0-9a-f-]{36}$/);
    expect(variables).toEqual({
      A: '1',
      PYTHONPATH: '.:/parity/pytest',
      PYTEST_ADDOPTS: '-o cache_dir=/parity/cache/pytest -p parity_results',
      PARITY_RESULTS: file,
    });
  });

  it('gets a file of its own for each run', () => {
    const [one, other] = [resultsOf({ run: 'pytest' }, {}), resultsOf({ run: 'pytest' }, {})];
    expect(one?.file).not.toBe(other?.file);
  });

  it.each([
    'make test',
    'pip install pytest',
    'PYTEST_ADDOPTS=-q pytest',
    'export PYTHONPATH=src; pytest',
    'python -I -m pytest',
    'python -Es -m pytest',
    'env -i pytest',
    'coverage run -m pytest',
  ])('is left out of `%s`', (run) => {
    expect(resultsOf({ run }, {})).toBeUndefined();
  });
});
