import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readJustfile } from './justfile.ts';

it('reads recipes, what they need, and variables', () => {
  const found = declarationsOf(
    readJustfile,
    'justfile',
    `set shell := ["bash", "-c"]
python := "python3.11"
src := 'app'

# all of it
check: lint (test "unit") && report

[group('checks')]
@lint target=src:
    {{ python }} -m flake8 {{src}}
    -black --check {{ target }}

test *args:
    #!/usr/bin/env bash
    pip install pytest==8.4.2
    pytest {{args}}
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:18 "3.11" python install prefix "3.11" (python)
    15:23 "==8.4.2" pypi:pytest install pep440 "==8.4.2" (pip install)
    6:1 runs just check (just, )
    6:1 runs just lint (just, check)
    6:1 runs just test (just, check)
    6:1 runs just report (just, check)
    10:17 runs python3.11 -m flake8 app (just, lint)
    11:6 runs black --check {{ target }} (just, lint) toothless: a leading -
    15:5 runs pip install pytest==8.4.2 (just, test)
    16:5 runs pytest {{args}} (just, test)"
  `);
});
