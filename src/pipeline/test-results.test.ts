import { describe, expect, it } from 'vitest';
import { testResultsFor } from './test-results.ts';

describe('the plugins for the cache and for what fails', () => {
  it('are loaded with what the step says itself', () => {
    const { variables, file } = testResultsFor({ run: 'cd core && pytest -q' }, { PYTHONPATH: '.', A: '1' }) ?? {};
    expect(file).toMatch(/^\/tmp\/parity-results-[0-9a-f-]{36}$/);
    expect(variables).toEqual({
      A: '1',
      PYTHONPATH: '.:/parity/pytest',
      PYTEST_ADDOPTS: '-p parity_cache -p parity_results',
      PARITY_PYTEST_CACHE: '/parity/cache/pytest',
      PARITY_RESULTS: file,
    });
  });

  it('get a file of its own for each run', () => {
    const [one, other] = [testResultsFor({ run: 'pytest' }, {}), testResultsFor({ run: 'pytest' }, {})];
    expect(one?.file).not.toBe(other?.file);
  });

  it('are left out where they might not be found, or be seen', () => {
    expect(testResultsFor({ run: 'make test' }, {})).toBeUndefined();
    expect(testResultsFor({ run: 'pytest' }, { PYTEST_ADDOPTS: '--trace-config' })).toBeUndefined();
  });
});
