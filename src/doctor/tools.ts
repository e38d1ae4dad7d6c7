import type { Subject } from './declaration.ts';

/**
 * Packages whose version decides whether a check passes: formatters, linters, type checkers, test runners, compilers. Two of them that
 * differ give two answers about the same code, so they are held against each other in a repository without a lock, too.
 */
const deciding: ReadonlySet<Subject> = new Set<Subject>([
  'pypi:autoflake',
  'pypi:autopep8',
  'pypi:bandit',
  'pypi:basedpyright',
  'pypi:black',
  'pypi:blacken-docs',
  'pypi:codespell',
  'pypi:coverage',
  'pypi:djlint',
  'pypi:docformatter',
  'pypi:flake8',
  'pypi:isort',
  'pypi:mypy',
  'pypi:pycodestyle',
  'pypi:pydocstyle',
  'pypi:pyflakes',
  'pypi:pylint',
  'pypi:pyright',
  'pypi:pytest',
  'pypi:pyupgrade',
  'pypi:ruff',
  'pypi:sqlfluff',
  'pypi:ty',
  'pypi:yamllint',
  'pypi:yapf',
  'npm:@biomejs/biome',
  'npm:eslint',
  'npm:jest',
  'npm:prettier',
  'npm:pyright',
  'npm:stylelint',
  'npm:typescript',
  'npm:vitest',
  'npm:npm',
  'npm:pnpm',
  'npm:yarn',
]);

/** True for Python, Node and the packages whose version decides what a check says. */
export function isDeciding(subject: Subject): boolean {
  return subject === 'python' || subject === 'node' || deciding.has(subject);
}
