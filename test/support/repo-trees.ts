import type { Tree } from './repo.ts';

const python = 'def answer() -> int:\n    return 42\n';
const pytestTest = 'import pytest\n\n\ndef test_answer() -> None:\n    assert True\n';

/** Small repos laid out as well-known public ones are, by what is special about them. Written for these tests. */
export const detectedTrees: Readonly<Record<string, Tree>> = {
  'the reference layout': {
    'mypy.ini': '[mypy]\nstrict = True\n',
    'core/__init__.py': '',
    'core/models.py': 'import sqlalchemy\n',
    'core/requirements.txt': 'sqlalchemy==2.0.23\naiosqlite==0.20.0\n',
    'core/tests/test_models.py': pytestTest,
    'core/admin_ui/package.json': '{"scripts": {"build": "vite build"}, "devDependencies": {"typescript": "5.9.2"}}',
    'core/admin_ui/package-lock.json': '{}',
    'core/admin_ui/tsconfig.json': '{"compilerOptions": {"strict": true}}',
    'core/admin_ui/src/main.tsx': '',
  },
  'an empty repo': { 'README.md': '' },
  'a few scripts that nothing checks': { 'download.py': python, 'lib/parse.py': python },
  'requests: src layout, ruff in hooks and pyproject, requirements-dev, a left-behind flake8 section': {
    'pyproject.toml':
      '[build-system]\nrequires = ["setuptools"]\n[project]\nname = "requests"\nrequires-python = ">=3.10"\ndependencies = ["idna>=2.5,<4"]\n[project.optional-dependencies]\nsocks = ["PySocks>=1.5.6"]\n[tool.ruff]\ntarget-version = "py310"\n[tool.ruff.format]\nquote-style = "double"\n[tool.pytest.ini_options]\naddopts = "--doctest-modules"\ntestpaths = ["tests"]\n',
    'requirements-dev.txt': '-e .[socks]\npytest>=2.8.0,<9\npytest-cov\ntrustme\n',
    'setup.cfg': '[flake8]\nignore = E203, E501\n',
    '.pre-commit-config.yaml':
      'repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.15.22\n  hooks:\n    - id: ruff-check\n      args: [--fix]\n    - id: ruff-format\n',
    'src/requests/__init__.py': python,
    'tests/__init__.py': '',
    'tests/test_requests.py': pytestTest,
    'docs/conf.py': '',
    'docs/requirements.txt': 'Sphinx==7.2.6\n',
  },
  'flask: dependency groups with nested ones, uv.lock with a fork, mypy with files, examples with projects of their own':
    {
      'pyproject.toml':
        '[project]\nname = "Flask"\nrequires-python = ">=3.9"\ndependencies = ["click>=8.1.3"]\n[dependency-groups]\ndev = ["ruff", "tox", {include-group = "tests"}]\ntests = ["pytest", "asgiref"]\ntyping = ["mypy"]\ndocs = ["sphinx"]\n[tool.mypy]\nfiles = ["src", "tests/type_check"]\nstrict = true\n[tool.ruff]\nsrc = ["src"]\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      'uv.lock':
        'version = 1\n\n[[package]]\nname = "mypy"\nversion = "1.19.1"\nsource = { registry = "x" }\n\n[[package]]\nname = "pytest"\nversion = "8.4.2"\nsource = { registry = "x" }\nresolution-markers = [\n    "python_full_version < \'3.10\'",\n]\n\n[[package]]\nname = "pytest"\nversion = "9.0.2"\nresolution-markers = [\n    "python_full_version >= \'3.12\'",\n    "python_full_version >= \'3.10\' and python_full_version < \'3.12\'",\n]\n\n[[package]]\nname = "ruff"\nversion = "0.14.14"\n',
      'src/flask/__init__.py': python,
      'tests/conftest.py': '',
      'tests/test_basic.py': pytestTest,
      'examples/tutorial/pyproject.toml': '[project]\nname = "flaskr"\n',
      'examples/tutorial/flaskr/__init__.py': '',
    },
  'httpx of old: requirements.txt with everything, scripts/check with variables, flat package': {
    'requirements.txt': '-e .\nblack==20.8b1\nflake8\nflake8-bugbear\nisort==5.*\nmypy\npytest==6.*\npytest-asyncio\n',
    'setup.py': 'setup(install_requires=["certifi"], python_requires=">=3.6")\n',
    'setup.cfg':
      '[flake8]\nmax-line-length = 120\n[mypy]\nignore_missing_imports = True\n[tool:pytest]\naddopts = -rxXs\n',
    'scripts/check':
      '#!/bin/sh -e\nexport SOURCE_FILES="httpx tests"\nset -x\n${PREFIX}black --check --diff --target-version=py36 $SOURCE_FILES\n${PREFIX}flake8 $SOURCE_FILES\n${PREFIX}mypy $SOURCE_FILES\n',
    'httpx/__init__.py': python,
    'tests/test_api.py': pytestTest,
  },
  'attrs: dynamic version, extras for tests, hooks only, tox': {
    'pyproject.toml':
      '[project]\nname = "attrs"\nrequires-python = ">=3.9"\ndynamic = ["version"]\ndependencies = []\n[project.optional-dependencies]\ntests = ["pytest>=4.3.0", "hypothesis"]\ndocs = ["sphinx"]\n[tool.black]\nline-length = 79\n[tool.mypy]\nstrict = true\n',
    '.pre-commit-config.yaml':
      'repos:\n  - repo: https://github.com/psf/black\n    rev: 22.10.0\n    hooks:\n      - id: black\n  - repo: https://github.com/PyCQA/isort\n    rev: 5.12.0\n    hooks:\n      - id: isort\n        additional_dependencies: [toml]\n  - repo: https://github.com/PyCQA/flake8\n    rev: 6.0.0\n    hooks:\n      - id: flake8\n        additional_dependencies: [flake8-bugbear==23.1.0]\n',
    'tox.ini': '[testenv:mypy]\ncommands = mypy src/attrs/__init__.pyi tests/typing_example.py\n',
    'src/attrs/__init__.py': '',
    'src/attr/__init__.py': '',
    'tests/test_make.py': 'import pytest\n',
    'tests/typing_example.py': '',
    'conftest.py': '',
  },
  'alembic: tox substitutions and factors, flake8 in setup.cfg, black through tox': {
    'pyproject.toml':
      '[project]\nname = "alembic"\nrequires-python = ">=3.9"\ndependencies = ["SQLAlchemy>=1.4.23", "Mako"]\n[tool.black]\nline-length = 79\n[tool.mypy]\nstrict = true\n[tool.pytest.ini_options]\naddopts = "--tb native -v -r fxX -p no:warnings"\n',
    'setup.cfg': '[flake8]\nfilename = *.py\n',
    'tox.ini':
      '[tox]\nBLACK_VERSION = 25.1.0\n\n[testenv]\ndeps=pytest>4.6,<8.4\n     pytest-xdist\n     postgresql: psycopg2>=2.7\n     black=={[tox]BLACK_VERSION}\ncommands=\n  pytest {posargs}\n\n[testenv:pep8]\ndeps=\n  flake8\n  flake8-docstrings\ncommands =\n     flake8 ./alembic/ ./tests/ {posargs}\n     black --check setup.py tests alembic\n\n[testenv:mypy]\ndeps=\n  mypy>=1.16.0\ncommands = mypy ./alembic/ --exclude alembic/templates\n',
    'setup.py': 'setup()\n',
    'alembic/__init__.py': '',
    'alembic/templates/env.py': '',
    'tests/test_env.py': 'import pytest\n',
  },
  'a poetry application with its own dependency syntax and a lock file': {
    'pyproject.toml':
      '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.12"\nfastapi = "^0.110.0"\nuvicorn = { version = "~0.29", extras = ["standard"] }\ntomli = { version = ">=2", python = "<3.11" }\nours = { path = "../ours", develop = true }\nfork = { git = "ssh://git@example.com/acme/fork.git", rev = "abc" }\nextra = { version = "1.2.3", optional = true }\n[tool.poetry.group.dev.dependencies]\nblack = "^24.3"\npytest = "*"\n[tool.poetry.group.docs.dependencies]\nmkdocs = "*"\n[tool.isort]\nprofile = "black"\n',
    'poetry.lock':
      '[[package]]\nname = "black"\nversion = "24.8.0"\ndescription = ""\n\n[[package]]\nname = "pytest"\nversion = "8.3.2"\n',
    'shop/__init__.py': '',
    'tests/test_shop.py': pytestTest,
  },
  'full-stack template: backend and frontend beside each other, workflows with working directories': {
    'backend/pyproject.toml':
      '[project]\nname = "app"\nrequires-python = ">=3.10,<4.0"\ndependencies = ["fastapi>=0.114", "sqlmodel>=0.0.21"]\n[dependency-groups]\ndev = ["pytest<8.0.0", "mypy<2.0.0,>=1.8.0", "ruff<1.0.0,>=0.2.2"]\n[tool.mypy]\nstrict = true\nexclude = ["venv"]\n[tool.ruff]\ntarget-version = "py310"\n',
    'backend/uv.lock':
      '[[package]]\nname = "mypy"\nversion = "1.15.0"\n\n[[package]]\nname = "ruff"\nversion = "0.6.7"\n\n[[package]]\nname = "pytest"\nversion = "7.4.4"\n',
    'backend/app/__init__.py': '',
    'backend/app/main.py': 'from sqlalchemy import text\n',
    'backend/app/alembic/env.py': '',
    'backend/tests/test_main.py': 'from app.main import app\n',
    'backend/scripts/lint.sh': '#!/usr/bin/env bash\nset -e\nmypy app\nruff check app\nruff format app --check\n',
    'frontend/package.json':
      '{"scripts": {"dev": "vite", "build": "tsc -p tsconfig.build.json && vite build", "lint": "biome check --write ./"}}',
    'frontend/package-lock.json': '{}',
    'frontend/tsconfig.json': '{\n  "files": [],\n  "references": [{ "path": "./tsconfig.app.json" }]\n}',
    'frontend/.nvmrc': '20\n',
    '.github/workflows/test.yml':
      'name: test\non: push\ndefaults:\n  run:\n    working-directory: backend\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: uv run mypy app\n      - run: |\n          uv run ruff check \\\n            app\n          uv run ruff format app --check\n',
    'docker-compose.yml': '',
  },
  'two python services and a web workspace': {
    'services/api/setup.py': 'setup(name="api")\n',
    'services/api/api/__init__.py': '',
    'services/api/tests/test_api.py': pytestTest,
    'services/api/requirements.txt': 'flask==3.0.0\n',
    'services/worker/pyproject.toml': '[project]\nname = "worker"\ndependencies = ["celery"]\n[tool.black]\n',
    'services/worker/worker.py': python,
    'web/package.json': '{"workspaces": ["packages/*"], "scripts": {"lint": "eslint ."}}',
    'web/package-lock.json': '{}',
    'web/packages/ui/package.json': '{"scripts": {"build": "tsc", "test": "vitest"}}',
    'web/packages/ui/tsconfig.json': '{}',
  },
  'a django site with tests.py and nothing that speaks of pytest': {
    'manage.py': 'import os\n',
    'requirements.txt': 'Django==5.1\n',
    'shop/__init__.py': '',
    'shop/tests.py': 'from django.test import TestCase\n',
    'shop/migrations/0001_initial.py': '',
  },
  'cookiecutter-django: requirements folder by environment, includes': {
    'manage.py': '',
    'requirements/base.txt': 'django==5.0.3\n',
    'requirements/local.txt':
      '-r base.txt\npytest==8.1.1\npytest-django==4.8.0\nmypy==1.9.0\nruff==0.3.4\nblack==24.3.0\nflake8==7.0.0\n',
    'requirements/production.txt': '-r base.txt\ngunicorn==21.2.0\n',
    'setup.cfg':
      '[flake8]\nmax-line-length = 120\n[mypy]\nplugins = mypy_django_plugin.main\n[tool:pytest]\naddopts = --ds=config.settings.test\n',
    'config/__init__.py': '',
    'shop/__init__.py': '',
    'shop/tests/test_models.py': 'import pytest\npytestmark = pytest.mark.django_db\n',
  },
  "GitHub's python workflow: flake8 twice, the second for its report only": {
    'requirements.txt': 'numpy\n',
    'app/__init__.py': '',
    'tests/test_app.py': 'import unittest\n',
    '.github/workflows/python-app.yml':
      'jobs:\n  build:\n    steps:\n    - name: Install dependencies\n      run: |\n        python -m pip install --upgrade pip\n        pip install flake8 pytest pytest-mock\n        if [ -f requirements.txt ]; then pip install -r requirements.txt; fi\n    - name: Lint with flake8\n      run: |\n        # stop the build if there are Python syntax errors or undefined names\n        flake8 . --count --select=E9,F63,F7,F82 --show-source --statistics\n        flake8 . --count --exit-zero --max-complexity=10 --max-line-length=127 --statistics\n    - name: Test with pytest\n      run: pytest\n',
  },
  'a Pipfile, GitLab CI that changes folder, a Makefile': {
    'backend/Pipfile':
      '[packages]\nflask = "*"\nrequests = {version = ">=2.31", extras = ["socks"]}\n[dev-packages]\npylint = "*"\nblack = "==23.9.1"\n[requires]\npython_version = "3.10"\n',
    'backend/app/__init__.py': '',
    'backend/tests/test_app.py': pytestTest,
    '.gitlab-ci.yml':
      'lint:\n  image: python:3.10\n  script:\n    - cd backend\n    - black --check --line-length 100 app\n    - pipenv run flake8 app\n',
    'backend/Makefile': 'test:\n\t@pytest -x\ntypes:\n\tmypy app --strict\n',
  },
  'a setup.cfg package': {
    'setup.cfg':
      '[metadata]\nname = tool\n[options]\npackages = find:\npackage_dir =\n    =src\npython_requires = >=3.8\ninstall_requires =\n    click>=8  # the command line\n    rich; python_version < "3.12"\n[options.extras_require]\ntest =\n    pytest==8.0.0\ndocs =\n    sphinx\n',
    'src/tool/__init__.py': '',
    'tests/test_tool.py': pytestTest,
  },
  'names with spaces and letters of all kinds': {
    'mein paket/__init__.py': '',
    'tests/test_ü.py': pytestTest,
    '.flake8': '[flake8]\n',
    "l'interface/package.json": '{"scripts": {"build": "x"}}',
    "l'interface/package-lock.json": '{}',
  },
};
