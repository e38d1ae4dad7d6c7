import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import type { FileDeclarations } from '../declaration.ts';
import { readPyproject } from './pyproject.ts';

const read = (text: string): FileDeclarations => declarationsOf(readPyproject, 'pyproject.toml', text);

it('reads PEP 621, dependency groups and the build system', () => {
  const found = read(`[build-system]
requires = ["hatchling>=1.26"]
[project]
requires-python = ">=3.10, <4"
dependencies = [
  "sqlalchemy[asyncio] >=2.0.23,<3",  # the database
  'click',
]
classifiers = ["Programming Language :: Python :: 3", "Programming Language :: Python :: 3.11"]
[project.optional-dependencies]
lint = ["black == 25.9.0 ; python_version >= '3.9'"]
[dependency-groups]
dev = ["mypy==1.18.2", { include-group = "test" }]
test = ["pytest"]
`);
  expect(brief(found)).toEqual([
    ['pypi:sqlalchemy', '>=2.0.23,<3', '6:24', '>=2.0.23,<3'],
    ['pypi:click', '', '7:4', 'click'],
    ['pypi:black', '==25.9.0', '11:16', '== 25.9.0', "python_version >= '3.9'"],
    ['python', '>=3.10,<4', '4:20', '>=3.10, <4'],
    ['python', '3.11', '9:90', '3.11'],
    ['pypi:hatchling', '>=1.26', '2:23', '>=1.26'],
    ['pypi:mypy', '==1.18.2', '13:13', '==1.18.2'],
    ['pypi:pytest', '', '14:10', 'pytest'],
  ]);
  expect(found.declarations.map(({ role }) => role)).toEqual([
    'library',
    'library',
    'install',
    'floor',
    'support',
    'library',
    'install',
    'install',
  ]);
});

it('reads poetry’s ways', () => {
  const found = read(`[tool.poetry.dependencies]
python = "^3.10"
SQLAlchemy = { version = "~2.0.23", extras = ["asyncio"] }
local = { path = "../x" }
[tool.poetry.group.dev.dependencies]
black = "25.9.0"
mypy = [{ version = "1.18.2", python = ">=3.10" }, { version = "1.0", python = "<3.10" }]
isort = "^5 || ^6"
`);
  expect(brief(found)).toEqual([
    ['python', '>=3.10,<4', '2:11', '^3.10'],
    ['pypi:sqlalchemy', '>=2.0.23,<2.1', '3:27', '~2.0.23'],
    ['pypi:local', '? installed from a path', '4:19', '../x'],
    ['pypi:black', '==25.9.0', '6:10', '25.9.0'],
    ['pypi:mypy', '==1.18.2', '7:22', '1.18.2', '>=3.10'],
    ['pypi:mypy', '==1.0', '7:65', '1.0', '<3.10'],
    ['pypi:isort', '? alternatives (^5 || ^6)', '8:10', '^5 || ^6'],
  ]);
});

it('reads hatch, pdm, uv and the tools’ own settings', () => {
  const found = read(`[tool.hatch.envs.lint]
python = "3.11"
dependencies = ["black==25.9.0"]
[tool.pdm.dev-dependencies]
lint = ["flake8~=7.3"]
[tool.uv]
dev-dependencies = ["ruff>=0.6"]
required-version = ">=0.9"
[tool.black]
target-version = ["py311", "py312"]
required-version = "25"
[tool.ruff]
target-version = "py310"
[tool.mypy]
python_version = "3.11"
[tool.pyright]
pythonVersion = "3.11"
[tool.isort]
py_version = 311
`);
  expect(brief(found)).toEqual([
    ['pypi:flake8', '~=7.3', '5:16', '~=7.3'],
    ['pypi:ruff', '>=0.6', '7:26', '>=0.6'],
    ['pypi:black', '==25.9.0', '3:23', '==25.9.0'],
    ['python', '3.11', '2:11', '3.11'],
    ['python', '3.11', '10:20', 'py311'],
    ['python', '3.12', '10:29', 'py312'],
    ['python', '3.10', '13:19', 'py310'],
    ['python', '3.11', '15:19', '3.11'],
    ['python', '3.11', '17:18', '3.11'],
    ['python', '3.11', '19:14', '311'],
    ['pypi:black', '==25.*', '11:21', '25'],
    ['pypi:uv', '>=0.9', '8:21', '>=0.9'],
  ]);
});

it('says where it is no TOML', () => {
  const { declarations, problems } = read('[project]\ndependencies = [\n');
  expect([declarations, problems.length]).toEqual([[], 1]);
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom(
    '[project]\n',
    '[tool.black]\n',
    '[tool.poetry.dependencies]\n',
    '[dependency-groups]\n',
    'dependencies = ',
    'target-version = ',
    'python = ',
    'requires-python = ',
    'x = ',
    '"a==1"',
    "'b>=2'",
    '["c", "py311"]',
    '{ version = "1" }',
    '"""\nmulti"""',
    '"\\u0041==1"',
    '3.1',
    '\n',
    '[',
    ']',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 16 }).map((all) => all.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => void read(text),
    ),
    { numRuns: 1_000 },
  );
});

it('reads flit, tox, hatch’s hooks and pixi', () => {
  const found = declarationsOf(
    readPyproject,
    'pyproject.toml',
    `[tool.flit.metadata]
requires-python = ">=3.8"
classifiers = ["Programming Language :: Python :: 3.8", "Framework :: X"]
[tool.flit.metadata.requires-extra]
test = ["mypy ==0.971", "-r nothing"]
[tool.hatch.build.targets.wheel.hooks.mypyc]
dependencies = ["mypy==1.20.2"]
[tool.hatch.envs.test]
dependencies = ["pytest"]
[[tool.hatch.envs.test.matrix]]
python = ["3.9", "pypy3.10"]
[tool.pixi.dependencies]
python = "3.11.*"
nodejs = ">=20"
[tool.pixi.feature.lint.pypi-dependencies]
black = "==25.9.0"
[tool.tox]
env_list = ["3.13", "lint"]
legacy_tox_ini = """
[testenv:lint]
basepython = python3.12
deps = black==24.1.0
commands = black --check .
"""
[tool.tox.env.docs]
deps = ["sphinx>=8"]
base_python = ["3.14"]
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:51 "3.8" python support prefix "3.8" (a classifier)
    5:15 "==0.971" pypi:mypy install pep440 "==0.971" ([tool.flit.metadata.requires-extra] test)
    2:20 ">=3.8" python floor pep440 ">=3.8" ([tool.flit.metadata] requires-python)
    9:18 "pytest" pypi:pytest install pep440 "" (hatch's environment test)
    11:12 "3.9" python support prefix "3.9" (hatch's environment test, matrix)
    11:19 "pypy3.10" python support ? another Python (pypy3.10) (hatch's environment test, matrix)
    7:22 "==1.20.2" pypi:mypy install pep440 "==1.20.2" (hatch's build hook mypyc)
    13:11 "3.11" python install prefix "3.11" (pixi's dependencies)
    14:11 ">=20" node install semver ">=20" (pixi's dependencies)
    16:10 "==25.9.0" pypi:black install pep440 "==25.9.0" (pixi's pypi-dependencies)
    18:14 "3.13" python support prefix "3.13" (tox env_list)
    26:16 ">=8" pypi:sphinx install pep440 ">=8" (tox docs, deps)
    27:17 "3.14" python install prefix "3.14" (tox docs, base_python)
    21:20 "3.12" python install prefix "3.12" ([testenv:lint] basepython)
    22:13 "==24.1.0" pypi:black install pep440 "==24.1.0" ([testenv:lint] deps)
    23:12 runs black --check . (tox, lint)
    5:29 takes in nothing as requirements"
  `);
});
