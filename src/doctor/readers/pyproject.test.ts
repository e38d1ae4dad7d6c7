import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, readingsOf } from '../../../test/support/readings.ts';
import type { FileReadings } from '../reading.ts';
import { readPyproject } from './pyproject.ts';

const read = (text: string): FileReadings => readingsOf(readPyproject, 'pyproject.toml', text);

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
  expect(found.readings.map(({ role }) => role)).toEqual([
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
  const { readings, problems } = read('[project]\ndependencies = [\n');
  expect([readings, problems.length]).toEqual([[], 1]);
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
