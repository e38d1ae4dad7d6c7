import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readToxIni } from './tox-ini.ts';

it('reads tox.ini', () => {
  const found = declarationsOf(
    readToxIni,
    'tox.ini',
    `[tox]
envlist = py{39,310,311}-django{42,50}, lint
isolated_build = true

[testenv]
deps =
    -r requirements-dev.txt
    django42: Django>=4.2,<5
    lint: black==24.1.0
commands =
    pytest {posargs}
    - flake8 src

[testenv:lint]
basepython = python3.11
skip_install = true
deps = black==25.9.0
    mypy
commands = black --check .
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:14 "39" python support prefix "3.9" (tox envlist)
    2:17 "310" python support prefix "3.10" (tox envlist)
    2:21 "311" python support prefix "3.11" (tox envlist)
    8:21 ">=4.2,<5" pypi:django install pep440 ">=4.2,<5" ([testenv] deps) when django42
    9:16 "==24.1.0" pypi:black install pep440 "==24.1.0" ([testenv] deps) when lint
    15:20 "3.11" python install prefix "3.11" ([testenv:lint] basepython)
    17:13 "==25.9.0" pypi:black install pep440 "==25.9.0" ([testenv:lint] deps)
    18:5 "mypy" pypi:mypy install pep440 "" ([testenv:lint] deps)
    11:5 runs pytest (tox, testenv)
    12:7 runs flake8 src (tox, testenv) toothless: a leading -
    19:12 runs black --check . (tox, lint)
    7:8 takes in requirements-dev.txt as requirements"
  `);
});
