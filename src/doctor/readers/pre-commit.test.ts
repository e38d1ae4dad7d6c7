import { expect, it } from 'vitest';
import { brief, declarationsOf } from '../../../test/support/declarations.ts';
import type { FileDeclarations } from '../declaration.ts';
import { readPreCommit } from './pre-commit.ts';

const read = (text: string): FileDeclarations => declarationsOf(readPreCommit, '.pre-commit-config.yaml', text);

it('reads revs, languages, additional dependencies and what hooks run', () => {
  const sha = 'a'.repeat(40);
  const text = `default_language_version:
  python: python3.11
  node: 24.1.0
  ruby: 3.1.0
repos:
- repo: https://github.com/psf/black-pre-commit-mirror
  rev: 25.9.0
  hooks:
  - id: black
    language_version: python3.12
    args: [--line-length, "100"]
- repo: https://github.com/PyCQA/flake8.git
  rev: '7.3.0'
  hooks: [{ id: flake8, additional_dependencies: ["flake8-bugbear==24.1.17", flake8-print] }]
- repo: https://github.com/pre-commit/mirrors-mypy/
  rev: ${sha}  # frozen: v1.18.2
  hooks:
  - id: mypy
    additional_dependencies:
    - "sqlalchemy[mypy]==2.0.23"
- repo: https://github.com/astral-sh/ruff-pre-commit
  rev: ${sha}
  hooks: [{ id: ruff }]
- repo: https://github.com/psf/black
  rev: stable
  hooks: [{ id: black }]
- repo: https://github.com/pre-commit/mirrors-prettier
  rev: v3.1.0
  hooks: [{ id: prettier, additional_dependencies: [prettier@3.1.1, "@scope/plug-in@^2"] }]
- repo: https://github.com/pre-commit/pre-commit-hooks
  rev: v4.5.0
  hooks: [{ id: trailing-whitespace }]
- repo: local
  hooks:
  - id: types
    entry: mypy --config-file mypy.ini
    args: [core/]
    language: system
`;
  const found = read(text);
  const { commands, problems } = found;
  expect(problems).toEqual([]);
  expect(brief(found)).toEqual([
    ['python', '3.11', '2:17', '3.11'],
    ['node', '24.1.0', '3:9', '24.1.0'],
    ['pypi:black', '==25.9.0', '7:8', '25.9.0'],
    ['python', '3.12', '10:29', '3.12'],
    ['pypi:flake8', '==7.3.0', '13:9', '7.3.0'],
    ['pypi:flake8-bugbear', '==24.1.17', '14:66', '==24.1.17'],
    ['pypi:flake8-print', '', '14:78', 'flake8-print'],
    ['pypi:mypy', '==1.18.2', '16:8', sha],
    ['pypi:sqlalchemy', '==2.0.23', '20:24', '==2.0.23'],
    ['pypi:ruff', '? a commit', '22:8', sha],
    ['pypi:black', '? no version (stable)', '25:8', 'stable'],
    ['npm:prettier', '3.1.0', '28:8', 'v3.1.0'],
    ['npm:prettier', '3.1.1', '29:62', '3.1.1'],
    ['npm:@scope/plug-in', '^2', '29:85', '^2'],
  ]);
  expect(commands.map(({ command, where, span }) => [command, where, span.line])).toEqual([
    ['black --line-length 100', 'black', 9],
    ['flake8', 'flake8', 14],
    ['mypy', 'mypy', 18],
    ['ruff', 'ruff', 23],
    ['black', 'black', 26],
    ['prettier', 'prettier', 29],
    ['mypy --config-file mypy.ini core/', 'types', 35],
  ]);
});

it('reads nothing from what is none', () => {
  for (const text of ['', 'repos:', 'repos: 1', '- 1', 'repos: [{ repo: 1, rev: { a: 1 }, hooks: x }]'])
    expect(read(text)).toEqual({ declarations: [], commands: [], references: [], problems: [] });
  expect(read('repos: [').problems).toHaveLength(1);
});

it('reads which Python the hooks write for', () => {
  const text = `repos:
  - repo: https://github.com/asottile/pyupgrade
    rev: v3.21.0
    hooks: [{ id: pyupgrade, args: [--py39-plus] }]
  - repo: https://github.com/psf/black
    rev: 25.9.0
    hooks: [{ id: black, args: ["--target-version=py310", -t, py311] }]
  - repo: https://github.com/pre-commit/mirrors-mypy
    rev: v1.18.2
    hooks: [{ id: mypy, args: [--python-version, "3.11"] }]
`;
  const { declarations } = declarationsOf(readPreCommit, '.pre-commit-config.yaml', text);
  expect(
    declarations.filter(({ role }) => role === 'target').map(({ value, raw, span }) => [value, raw, span.line]),
  ).toEqual([
    ['3.9', '39', 4],
    ['3.10', 'py310', 7],
    ['3.11', 'py311', 7],
    ['3.11', '3.11', 10],
  ]);
});
