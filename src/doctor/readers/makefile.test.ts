import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readMakefile } from './makefile.ts';

it('reads Makefile', () => {
  const found = declarationsOf(
    readMakefile,
    'Makefile',
    `PYTHON ?= python3.11
BLACK_VERSION := 25.9.0  # keep

.PHONY: lint
lint: venv
	@$(PYTHON) -m pip install black==$(BLACK_VERSION) \\
	  mypy
	-black --check src
	flake8 src
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "1:17 "3.11" python install prefix "3.11" (PYTHON)
    2:18 "25.9.0" pypi:black install pep440 "==25.9.0" (BLACK_VERSION)
    7:4 "mypy" pypi:mypy install pep440 "" (pip install)
    5:1 runs make lint (make, )
    7:1 runs python3.11 -m pip install black==25.9.0 mypy (make, lint)
    8:3 runs black --check src (make, lint) toothless: a leading -
    9:2 runs flake8 src (make, lint)"
  `);
});

it('follows what a target needs, and tells what is lost in a pipe', () => {
  const makefile = `.PHONY: all check
SRC = app
all: check # the first
check lint: types tests | folder
\t$(MAKE) -C ui build
types tests: STRICT = 1
tests:
\tpytest $(SRC) | tee log
folder: ; mkdir -p out
`;
  const { commands } = declarationsOf(readMakefile, 'sub/Makefile', makefile);
  expect(commands.map(({ where, command, cwd, failureIgnored }) => [where, command, cwd, failureIgnored])).toEqual([
    ['', 'make all', 'sub', undefined],
    ['all', 'make check', 'sub', undefined],
    ['check lint', 'make types', 'sub', undefined],
    ['check lint', 'make tests', 'sub', undefined],
    ['check lint', 'make folder', 'sub', undefined],
    ['check lint', '$(MAKE) -C ui build', 'sub', undefined],
    ['tests', 'pytest app', 'sub', '| tee'],
    ['tests', 'tee log', 'sub', undefined],
  ]);
});
