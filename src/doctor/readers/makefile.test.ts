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
    7:1 runs python3.11 -m pip install black==25.9.0 mypy (make, lint)
    8:3 runs black --check src (make, lint) toothless: a leading -
    9:2 runs flake8 src (make, lint)"
  `);
});
