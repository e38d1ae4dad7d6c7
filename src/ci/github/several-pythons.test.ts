import { expect, test } from 'vitest';
import { withoutOtherPythons } from './several-pythons.ts';

test('tox leaves out the environments of Pythons that are not here, and nothing else', () => {
  const { TOX_SKIP_ENV: skip = '' } = withoutOtherPythons('uv run tox', ['pypy3.11', '3.10', '3.12']);
  const left = 'py310 py3.10-django py3.11 py311-x docs-py312 pypy3.11-a py39 lint coverage-report py3.1'.split(' ');
  expect(left.filter((name) => !new RegExp(skip).test(name))).toEqual([
    'py3.11',
    'py311-x',
    'py39',
    'lint',
    'coverage-report',
    'py3.1',
  ]);
});

test.each(['pytest', 'tox -e py310,py311', 'tox run -f py310', 'python -m nox'])('%s is left as it is', (script) => {
  expect(withoutOtherPythons(script, ['3.10'])).toEqual({});
});

test('without other Pythons nothing is set', () => {
  expect(withoutOtherPythons('tox', [])).toEqual({});
});
