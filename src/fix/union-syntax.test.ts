import { expect, test } from 'vitest';
import { unionSyntax } from './union-syntax.ts';

test.each([
  ['a new Python and nothing else', '3.11.2', {}, 'pipe'],
  ['an old one', '3.9.18', {}, 'optional'],
  ['requires-python from 3.9', '3.11.2', { 'pyproject.toml': '[project]\nrequires-python = ">=3.9"\n' }, 'optional'],
  ['requires-python from 3.10', '3.11.2', { 'pyproject.toml': '[project]\nrequires-python = ">=3.10,<4"\n' }, 'pipe'],
  ['poetry from 3.8', '3.11.2', { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.8"\n' }, 'optional'],
  ['poetry from 3.11', '3.11.2', { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.11"\n' }, 'pipe'],
  ['setup.cfg', '3.11.2', { 'setup.cfg': '[options]\npython_requires = >=3.7\n' }, 'optional'],
  ['setup.py', '3.12.1', { 'setup.py': "setup(\n    python_requires='>=3.8',\n)\n" }, 'optional'],
  ['mypy for 3.9', '3.11.2', { 'mypy.ini': '[mypy]\npython_version = 3.9\n' }, 'optional'],
  ['mypy for 3.11', '3.11.2', { 'mypy.ini': '[mypy]\npython_version = 3.11\n' }, 'pipe'],
  ['black for 3.9', '3.11.2', { 'pyproject.toml': '[tool.black]\ntarget-version = ["py39", "py311"]\n' }, 'optional'],
  ['black for 3.11', '3.11.2', { 'pyproject.toml': "[tool.black]\ntarget-version = ['py311']\n" }, 'pipe'],
] as const)('%s', (_, locked, files, syntax) => {
  expect(unionSyntax({ locked, files })).toBe(syntax);
});
