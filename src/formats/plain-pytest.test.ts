import { describe, expect, it } from 'vitest';
import { isPlainPytest, isPlainPytestCommand } from './plain-pytest.ts';

describe('a script whose pytests find plugins for certain', () => {
  it.each([
    'pytest -q',
    'cd core && python -m pytest tests',
    'pip install -e . && uv run pytest',
    'source .venv/bin/activate && pytest',
    '.venv/bin/pytest -q',
    'pytest tests/unit || pytest --lf',
    'PYTHONPATH=$PWD pytest -q',
    'export PYTHONPATH=src; python3 -m pytest',
    'pytest && coverage report',
  ])('`%s`', (script) => {
    expect(isPlainPytest(script)).toBe(true);
  });

  it.each([
    ['make test', 'no pytest that can be seen'],
    ['pip install pytest', 'the same'],
    ['pytest && make more', 'another one that can’t be seen'],
    ['pytest; ./more.sh', 'the same'],
    ['source env.sh; pytest', 'variables that can’t be seen'],
    ['PYTEST_ADDOPTS=-q pytest', 'its own variables'],
    ['PYTHONPATH=. .venv/bin/pytest', 'a Python that is not the image’s, and no PYTHONPATH'],
    ['. .venv/bin/activate; PYTHONPATH=. pytest', 'the same'],
    ['export PATH=/other:$PATH PYTHONPATH=src; pytest', 'the same'],
    ['PYTHONPATH=. uv run pytest', 'the same'],
    ['python -I -m pytest', 'a Python that does not look'],
    ['python -Es -m pytest', 'the same'],
    ['env -i pytest', 'no variables'],
    ['coverage run -m pytest', 'whatever is loaded is measured'],
    ['pytest --trace-config', 'a list of plugins'],
  ])('not `%s`: %s', (script) => {
    expect(isPlainPytest(script)).toBe(false);
  });

  it('not with another PATH, or a list of plugins, from the step’s variables', () => {
    expect(isPlainPytest('PYTHONPATH=. pytest', { PATH: '/other' })).toBe(false);
    expect(isPlainPytest('pytest', { PYTEST_ADDOPTS: '-q --debug' })).toBe(false);
    expect(isPlainPytest('pytest', { PATH: '/other', PYTEST_ADDOPTS: '-q' })).toBe(true);
  });

  it('nor a command that only speaks of pytest', () => {
    expect(isPlainPytestCommand(['pytest', '-k', 'a && b'])).toBe(true);
    expect(isPlainPytestCommand(['bash', '-c', 'pytest'])).toBe(false);
  });
});
