import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declarationsOf } from '../../test/support/declarations.ts';
import { readerOf } from './file-kinds.ts';
import type { Reader } from './declaration.ts';

/** A path of every kind, and a text with much of its syntax in it. */
const samples: Readonly<Record<string, string>> = {
  'parity.yaml': 'version: 1\ntoolchain:\n  python: "3.11"\n  tools: [black==25.9.0]\n',
  'pyproject.toml':
    '[project]\nname = "x"\nrequires-python = ">=3.9"\ndependencies = ["a>=1; python_version > \'3\'"]\n[tool.black]\ntarget-version = ["py311"]\n[tool.poetry.dependencies]\npython = "^3.11"\n',
  'pixi.toml':
    '[dependencies]\npython = "3.11.*"\nblack = { version = ">=25" }\n[feature.x.pypi-dependencies]\nmypy = "==1"\n',
  'hatch.toml': '[envs.a]\npython = "3.11"\ndependencies = ["mypy>=1"]\n[[envs.a.matrix]]\npython = ["3.9"]\n',
  'tox.toml': 'env_list = ["3.13", "lint"]\n[env_run_base]\ndeps = ["black==1"]\nbase_python = ["3.14"]\n',
  'ruff.toml': 'target-version = "py311"\nrequired-version = ">=0.5"\n',
  'setup.cfg': '[options]\npython_requires = >=3.9\ninstall_requires =\n    a>=2\n[mypy]\npython_version = 3.10\n',
  'setup.py':
    'from setuptools import setup\nX = ["a==1"]\nsetup(install_requires=X + [\'b>=1\'], python_requires=f">={3}.9")\n',
  'tox.ini':
    '[tox]\nenvlist = py{39,310}-{a,b}, lint\n[testenv]\ndeps =\n  a: black==1\n  -r x.txt\ncommands = - pytest {posargs:x}\n',
  'noxfile.py': '@nox.session(python=["3.9"])\ndef t(session):\n    session.install(f"black=={X}", "-r", "a.txt")\n',
  'mypy.ini': '[mypy]\npython_version = 3.11 ; c\n',
  Pipfile: '[packages]\na = "*"\nb = {version = "~=1", markers = "x"}\n[requires]\npython_version = "3.11"\n',
  'Pipfile.lock': '{"_meta": {}, "default": {"black": {"version": "==25.9.0"}}}',
  'uv.lock':
    'requires-python = ">=3.11"\n[[package]]\nname = "black"\nversion = "25.9.0"\n[metadata]\npython-versions = ">=3"\n',
  'environment.yml': 'dependencies:\n  - python=3.11\n  - c::black=25.9=py_0\n  - pip:\n    - mypy==1\n',
  'conda/meta.yaml': '{% set v = "1" %}\nrequirements:\n  run:\n    - python >={{ v }}\n',
  '.pre-commit-config.yaml':
    'repos:\n  - repo: https://github.com/psf/black\n    rev: v1.2.3 # frozen: x\n    hooks: [{ id: black, args: [-l, "1"], additional_dependencies: ["a==1"] }]\n',
  '.github/workflows/a.yml':
    'env: { P: "3.11" }\njobs:\n  a:\n    strategy: { matrix: { p: ["3.9", &x "3.10"], include: [{ p: *x }] } }\n    container: python:3.11\n    steps:\n      - uses: actions/setup-python@v5\n        with: { python-version: "${{ matrix.p }}" }\n      - run: |\n          pip install "black==1" \\\n            mypy || true\n',
  '.gitlab-ci.yml':
    'variables: { V: "1" }\n.a: &a\n  script: [pip install black==$V]\nb:\n  <<: *a\n  image: python:${V:-3}\n',
  '.circleci/config.yml':
    'jobs:\n  a:\n    docker: [{ image: "cimg/python:3.11" }]\n    steps: [{ run: pip install black==1 }]\n',
  '.travis.yml': 'python: ["3.9"]\nscript: pytest\n',
  'azure-pipelines.yml':
    'strategy: { matrix: { a: { v: "3.9" } } }\nsteps:\n  - task: UsePythonVersion@0\n    inputs: { versionSpec: $(v) }\n',
  '.readthedocs.yaml': 'build: { tools: { python: "3.11" } }\npython: { install: [{ requirements: a.txt }] }\n',
  Dockerfile:
    'ARG V=3.11\nFROM python:${V}-slim AS a\nENV B="1" C=2\nRUN pip install black==$B \\\n  mypy <<E\nx\nE\nCOPY --from=a / /\n',
  'compose.yaml': 'services:\n  a: { image: "node:${V:-22}" }\n  b: { build: { args: [PYTHON_VERSION=3.11] } }\n',
  '.devcontainer/devcontainer.json':
    '{ // c\n "image": "x/python:1-3.11", "features": { "a/node:1": { "version": "20" }, }, "postCreateCommand": "npm i -g a@1" }',
  '.python-version': '3.11.4 pypy3.9\n',
  '.nvmrc': 'lts/iron\n',
  '.tool-versions': 'python 3.11 3.9 # c\nnodejs 20\n',
  'mise.toml': '[tools]\npython = ["3.11"]\n"pipx:black" = { version = "25" }\n',
  'runtime.txt': 'python-3.11.4\n',
  'package.json':
    '{"engines":{"node":">=20"},"packageManager":"pnpm@9.1.0","devDependencies":{"a":"npm:b@1"},"scripts":{"t":"a && b"}}',
  'package-lock.json': '{"packages":{"node_modules/a":{"version":"1.0.0"}},"dependencies":{"a":{"version":"1"}}}',
  'pnpm-lock.yaml':
    "importers:\n  .:\n    dependencies:\n      'a':\n        specifier: ^1\n        version: 1.0.0(b@2)\n",
  'yarn.lock': '"a@npm:^1, a@npm:^2":\n  version: 1.0.0\nb@^1:\n  version "1.0.0"\n',
  justfile: 'v := "1"\na x=v: b && c\n    -pip install black=={{ v }}\nb:\n    make a | tee x\n',
  Makefile: 'V := 1\na: b\n\t@-pip install black==$(V) \\\n\t  mypy\n',
  'requirements.txt':
    '-r a.txt\nblack[x]==25.9.0 ; python_version > "3" \\\n  --hash=sha256:0 # c\nmypy @ https://x/y\n',
};

function readerFor(path: string): Reader {
  const reader = readerOf(path);
  if (reader === undefined) throw new Error(`no reader reads ${path}`);
  return reader;
}

describe.each(Object.entries(samples))('the reader of %s', (path, sample) => {
  const reader = readerFor(path);

  it('points at exactly the characters of what it finds', () => {
    expect(declarationsOf(reader, path, sample).declarations.length).toBeGreaterThan(0);
    const windows = sample.replaceAll('\n', '\r\n');
    expect(declarationsOf(reader, path, windows).declarations.length).toBeGreaterThan(0);
  });

  it('reads any text without throwing, and places what it finds', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      // The sample with a stretch of it replaced.
      fc
        .tuple(
          fc.nat(sample.length),
          fc.nat(12),
          fc.constantFrom(
            '',
            '"',
            "'",
            '{',
            '[',
            '\n',
            '\r\n',
            '\\',
            '$',
            '${{',
            '&a *a',
            '\t',
            '#',
            '=',
            ':',
            '\uFEFF',
            '<<E',
            'ü😀',
          ),
        )
        .map(([from, length, put]) => sample.slice(0, from) + put + sample.slice(from + length)),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        declarationsOf(reader, path, text);
      }),
      { numRuns: 300 },
    );
  });
});

it('knows its files by their paths, wherever they lie, and no others', () => {
  const paths = [
    'README.md',
    'src/app.py',
    'docs/python.txt',
    'tsconfig.json',
    '.github/dependabot.yml',
    'k8s/deployment.yaml',
    'environment.ts',
    'src/dockerfile.test.ts',
    'Dockerfile.md',
  ];
  expect(paths.filter((path) => readerOf(path) !== undefined)).toEqual([]);
  const odd = [
    'requirements/dev.txt',
    'dev-requirements.in',
    'core/admin_ui/package.json',
    'docker/Dockerfile.web',
    'web.dockerfile',
    'docker-compose.prod.yml',
    '.gitlab/ci/lint-ci.yml',
    'environment-dev.yml',
    '.config/mise.toml',
  ];
  expect(odd.filter((path) => readerOf(path) === undefined)).toEqual([]);
});
