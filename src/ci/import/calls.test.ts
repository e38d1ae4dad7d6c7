import { expect, test } from 'vitest';
import { importedWorkflow, nothingDetected } from '../../../test/support/imported-workflow.ts';
import { calledCommands } from './called-commands.ts';
import type { Imported } from './import-pipelines.ts';

type Files = Readonly<Record<string, string>>;

const read =
  (files: Files) =>
  (path: string): string | undefined =>
    files[path];

const calls = (command: string, files: Files): readonly string[] =>
  calledCommands(command.split(' '), '.', read(files)).map(({ cwd, words }) => `${cwd}: ${words.join(' ')}`);

test.each<[string, string, Files, readonly string[]]>([
  [
    "a Makefile's recipe, its variables, what it needs and what it calls",
    'make lint DIRS=src',
    {
      Makefile:
        'RUFF ?= ruff\nDIRS = app\nSRC := $(DIRS) \\\n  tests\n.PHONY: lint\nlint: deps ## checks\n\t@$(RUFF) check $(SRC)\n\t-$(MAKE) types\ntypes:\n\tmypy $${FLAGS} .\ndeps: ; echo deps\n',
    },
    ['.: echo deps', '.: ruff check src tests', '.: make types', '.: mypy ${FLAGS} .'],
  ],
  [
    'the first target, elsewhere',
    'make -C ui',
    { 'ui/Makefile': 'all:\n\tnpm test\nrest:\n\tfalse\n' },
    ['ui: npm test'],
  ],
  [
    'a shell script, its variables, its folders',
    'scripts/check -v',
    {
      'scripts/check':
        '#!/bin/sh -e\nexport PREFIX=""\n[ -d venv ] && PREFIX="venv/bin/"\nexport FILES="httpx tests"\n${PREFIX}ruff check $FILES\ncd docs && make html\n',
      'docs/Makefile': 'html:\n\tsphinx-build . out\n',
    },
    [
      '.: export PREFIX=',
      '.: [ -d venv ]',
      '.: export FILES=httpx tests',
      '.: venv/bin/ruff check httpx tests',
      'docs: make html',
      'docs: sphinx-build . out',
    ],
  ],
  ['a script that another shell is given', 'bash ci/run.sh', { 'ci/run.sh': 'tox\n' }, ['.: tox']],
  ['nothing of a Python program', './tool.py', { 'tool.py': '#!/usr/bin/env python\nimport os\n' }, []],
  [
    'a justfile',
    'just test',
    { justfile: 'py := "python3"\n\n@lint:\n    ruff check\n\ntest *args: lint\n    {{py}} -m pytest\n' },
    ['.: ruff check', '.: python3 -m pytest'],
  ],
  [
    'a justfile, with what the command line sets and gives',
    'just py=python3.12 --set cov yes test -k fast',
    {
      justfile:
        "py := ''\ncov := 'no'\n\ntest *args='-x tests':\n    uv run {{ if py != '' { '-p ' + py } else { '' } }} pytest {{args}}\n    {{ if cov == 'yes' { 'coverage report' } else { '' } }}\n",
    },
    ['.: uv run -p python3.12 pytest -k fast', '.: coverage report'],
  ],
  [
    'scripts of package.json, with what is before and after',
    'npm run build',
    { 'package.json': '{"scripts":{"prebuild":"npm run gen","build":"vite build","gen":"make gen"}}' },
    ['.: npm run gen', '.: make gen', '.: vite build'],
  ],
  [
    'tasks of poe, hatch and pdm',
    'poe all',
    { 'pyproject.toml': '[tool.poe.tasks]\nall = ["lint", "t"]\nlint = "ruff check ."\nt = { cmd = "pytest" }\n' },
    ['.: ruff check .', '.: pytest'],
  ],
  [
    'an environment of hatch',
    'hatch run types:check',
    { 'pyproject.toml': '[tool.hatch.envs.types.scripts]\ncheck = "mypy src"\n' },
    ['.: mypy src'],
  ],
  [
    'files that call one another without end',
    'make a',
    { Makefile: 'a:\n\tmake b\nb:\n\tmake a\n' },
    ['.: make b', '.: make a'],
  ],
])('follows %s', (_, command, files, expected) => {
  expect(calls(command, files)).toEqual(expected);
});

function imported(steps: string, files: Files): Imported {
  const text = `on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  return importedWorkflow(text, files, { detected: nothingDetected, has: () => true });
}

test('what reads a file of a step that is left out is left out with it, and that is said', () => {
  const { config, leftOut } = imported(
    `      - run: docker run gen > api.json
      - run: python convert.py api.json > types.py
      - run: pytest tests/test_types.py --types types.py
      - run: pytest tests/unit
`,
    {},
  );
  expect(config.pipeline.map(({ run }) => run)).toEqual(['pytest tests/unit']);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    '`docker run gen > api.json` of job test: it needs a container engine, which steps do not have',
    '`python convert.py api.json > types.py` of job test: it reads api.json, which is made by what is left out: `docker run gen > api.json`',
    '`pytest tests/test_types.py --types types.py` of job test: it reads types.py, which is made by what is left out: `python convert.py api.json > types.py` of job test',
  ]);
});

test('what Makefiles and scripts call is in the image, and what only installs is no step', () => {
  const { config, understood } = imported(
    '      - run: make install\n      - run: make lint\n      - run: scripts/test\n',
    {
      Makefile:
        'install:\n\tpython -m pip install -U pip\n\tpip install -r requirements.txt\n\tpre-commit install\nlint:\n\truff check $(SRC)\n\tmypy .\nSRC = src\n',
      'scripts/test': '#!/bin/bash\nset -e\nuv run --group dev pytest "$@"\ncurl -fsS http://localhost\n',
      'requirements.txt': 'mypy\n',
      'pyproject.toml': '[project]\nname = "a"\ndependencies = ["attrs"]\n[dependency-groups]\ndev = ["pytest"]\n',
    },
  );
  expect(config.pipeline).toMatchObject([
    { run: 'make lint', network: 'none', needs: [], env: {} },
    {
      run: 'scripts/test',
      network: 'full',
      needs: ['make-lint'],
      env: { UV_NO_SYNC: '1', UV_PROJECT_ENVIRONMENT: '/opt/parity' },
    },
  ]);
  expect(config.toolchain).toMatchObject({
    requirements: ['requirements.txt', 'pyproject.toml', 'pyproject.toml:dev'],
    tools: ['ruff', 'uv'],
    system: ['make', 'curl'],
  });
  expect(understood).toContain('installing packages (they are in the image)');
});

test('the tools of an environment that hatch makes are not the image’s', () => {
  const { config } = imported('      - run: pip install hatch==1.16.5\n      - run: hatch run lint:check\n', {
    'pyproject.toml':
      '[tool.hatch.envs.lint]\ndependencies = ["black==25.9.0"]\n[tool.hatch.envs.lint.scripts]\ncheck = ["pip install ruff", "black --check ."]\n',
  });
  expect(config.pipeline).toMatchObject([{ run: 'hatch run lint:check', network: 'full' }]);
  expect(config.toolchain.tools).toEqual(['hatch==1.16.5']);
});
