import { expect, test } from 'vitest';
import { ruffCommand } from './ruff-action.ts';

function ruff(inputs: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): string {
  const { script, tools } = ruffCommand(
    (name) => inputs[name],
    (path) => files[path],
  );
  return `${tools.join(' ')}: ${script}`;
}

const group = '[dependency-groups]\ndev = ["pytest", "ruff>=0.11.2,<0.12.0"]\n';

test.each<[Readonly<Record<string, string>>, Readonly<Record<string, string>>, string]>([
  [{}, {}, 'ruff: ruff check .'],
  [{}, { 'pyproject.toml': group }, 'ruff>=0.11.2,<0.12.0: ruff check .'],
  [{ version: 'latest' }, { 'pyproject.toml': group }, 'ruff: ruff check .'],
  [{ version: '0.4.x' }, {}, 'ruff==0.4.*: ruff check .'],
  [
    { src: 'api/src web', args: 'format --check' },
    { 'api/pyproject.toml': '[project.optional-dependencies]\nlint = ["ruff==0.6.9"]\n', 'pyproject.toml': group },
    'ruff==0.6.9: ruff format --check api/src web',
  ],
  [
    { src: 'api' },
    { 'api/pyproject.toml': '[project]\nname = "api"\n', 'pyproject.toml': group },
    'ruff>=0.11.2,<0.12.0: ruff check api',
  ],
  [
    { 'version-file': 'uv.lock' },
    { 'uv.lock': '[[package]]\nname = "ruff"\nversion = "0.9.1"\n', 'pyproject.toml': group },
    'ruff==0.9.1: ruff check .',
  ],
  [{ 'version-file': 'dev.txt' }, { 'dev.txt': 'mypy\nruff~=0.5.0\n' }, 'ruff~=0.5.0: ruff check .'],
  [
    {},
    { 'pyproject.toml': '[tool.poetry.group.dev.dependencies]\nruff = "^0.5.1"\n' },
    'ruff>=0.5.1,<0.6: ruff check .',
  ],
  [{ args: '--version' }, {}, 'ruff: ruff --version'],
])('%#', (inputs, files, expected) => {
  expect(ruff(inputs, files)).toBe(expected);
});
