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
  'npm:bun',
]);

// What says more of a linter's verdict than the linter's own version does.
const linterPlugin = /^pypi:(?:flake8-[\w.-]+|pylint-[\w.-]+|pep8-naming|dlint|wemake-python-styleguide)$/;
const plugin = /^pypi:(?:pytest-[\w.-]+|mypy-[\w.-]+|types-[\w.-]+|[\w.-]+-stubs|hypothesis|pytest)$/;

/** True for Python, Node and the packages whose version decides what a check says, plug-ins of linters among them. */
export function isDeciding(subject: Subject): boolean {
  return subject === 'python' || subject === 'node' || deciding.has(subject) || linterPlugin.test(subject);
}

/** True for plug-ins of flake8 and pylint. */
export function isLinterPlugin(subject: Subject): boolean {
  return linterPlugin.test(subject);
}

/** True for plug-ins of linters, test runners and type checkers, and for stubs. */
export function isPlugin(subject: Subject): boolean {
  return linterPlugin.test(subject) || plugin.test(subject);
}
