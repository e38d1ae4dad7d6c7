import { expect, it } from 'vitest';
import { readPreCommitFile } from './pre-commit.ts';

const text = `default_language_version:
  python: python3.11
repos:
  - repo: https://github.com/PSF/black.git
    rev: v25.9.0
    hooks:
      - id: black
        args: [--check, "-q"]
  - repo: https://github.com/pre-commit/mirrors-prettier/
    rev: 0123456789012345678901234567890123456789  # frozen: v3.1.0
    hooks: [{ id: prettier, additional_dependencies: [prettier@3.1.0], language_version: '20' }]
  - repo: https://acme.test/hooks
    rev: main
  - repo: local
    hooks:
      - id: lint
        language: system
        entry: make lint
`;

it('reads repositories, what they run, and in which version', () => {
  const { repositories } = readPreCommitFile(text);
  expect(repositories.map(({ address: _address, rev: _rev, hooks: _hooks, ...rest }) => rest)).toEqual([
    { name: 'psf/black', package: 'pypi:black', version: '25.9.0' },
    { name: 'pre-commit/mirrors-prettier', package: 'npm:prettier', version: '3.1.0' },
    { name: 'acme.test/hooks', package: undefined, version: undefined },
    { name: 'local', package: undefined, version: undefined },
  ]);
});

it('reads hooks, each value where it stands', () => {
  const { repositories, languageVersions } = readPreCommitFile(text);
  const hooks = repositories.flatMap((repository) => repository.hooks);
  expect(hooks.map(({ id }) => id?.text)).toEqual(['black', 'prettier', 'lint']);
  expect(hooks[0]?.args.map((arg) => text.slice(...arg.range()))).toEqual(['--check', '-q']);
  expect(hooks[1]?.additional.map((line) => line.text)).toEqual(['prettier@3.1.0']);
  expect([hooks[1]?.languageVersion?.text, hooks[2]?.language, hooks[2]?.entry]).toEqual(['20', 'system', 'make lint']);
  expect(languageVersions.map(([key, value]) => [key.text, value.text])).toEqual([['python', 'python3.11']]);
});

it('gives what can be read of a broken file', () => {
  const { repositories, problems } = readPreCommitFile('repos:\n  - repo: local\n    hooks: [');
  expect(repositories).toHaveLength(1);
  expect(problems).toHaveLength(1);
});
