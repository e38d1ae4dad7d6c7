import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import { engineTest } from '../support/engine-test.ts';
import { commit, git } from '../support/git-repo.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles, type Tree } from '../support/repo.ts';

const { address, folder, references, test: it } = engineTest();
const cache = mkdtempSync(join(tmpdir(), 'parity-project-build-'));
afterAll(() => {
  rmSync(cache, { recursive: true, force: true });
});

/** A repository whose first commit has these files. */
function repository(name: string, files: Tree): string {
  const dir = folder(name);
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  addFiles(dir, { '.gitignore': '*.log\n', ...files });
  commit(dir);
  return dir;
}

const run = (dir: string, ...args: readonly string[]): Promise<Ended> =>
  parity(args, { cwd: dir, env: { DOCKER_HOST: address, PARITY_CACHE_DIR: cache } });

/** Locks and builds, and commits the lock; gives the lock. */
async function locked(dir: string): Promise<Lock> {
  const built = await run(dir, 'build');
  expect(built.code, built.stderr).toBe(0);
  references.add(built.stdout.split('\n')[0] ?? '');
  commit(dir);
  return JSON.parse(readFileSync(join(dir, 'parity.lock.json'), 'utf8')) as Lock;
}

const config = (toolchain: string, ...steps: readonly string[]): string =>
  `version: 1\ntoolchain:\n  python: "3.11"\n${toolchain}pipeline:\n${steps.join('')}`;
const step = (name: string, script: string): string => `  - name: ${name}\n    run: ${JSON.stringify(script)}\n`;

const shop: Tree = {
  '.gitignore': '*.log\n_version.py\n*.egg-info/\n',
  'pyproject.toml': `[build-system]
requires = ["setuptools>=64", "setuptools_scm>=8"]
build-backend = "setuptools.build_meta"
[project]
name = "tide-shop"
dynamic = ["version"]
[project.scripts]
tide-shop = "tideshop:main"
[project.entry-points."tide.plugins"]
moon = "tideshop:moon"
[tool.setuptools.package-data]
tideshop = ["*.txt"]
[tool.setuptools_scm]
version_file = "src/tideshop/_version.py"
`,
  'src/tideshop/__init__.py':
    'from tideshop._version import version\n\n\ndef main():\n    print("shop", version)\n\n\ndef moon():\n    return "moon"\n',
  'src/tideshop/prices.txt': '42\n',
  'tests/test_shop.py': `import importlib.metadata
import importlib.resources
import subprocess

import tideshop


def test_version():
    version = importlib.metadata.version("tide-shop")
    assert tideshop.version == version
    print("version", version)


def test_entry_point():
    [point] = importlib.metadata.entry_points(group="tide.plugins")
    assert point.load()() == "moon"


def test_script_and_data():
    said = subprocess.run(["tide-shop"], capture_output=True, text=True, check=True).stdout
    assert said == f"shop {tideshop.version}\\n"
    assert importlib.resources.files("tideshop").joinpath("prices.txt").read_text() == "42\\n"
`,
  'parity.yaml': config(
    '  tools: [pytest]\n  requirements: [pyproject.toml]\n  system: []\n',
    step('tests', 'pytest -q -s tests'),
  ),
};

it('a version from git, a generated file, entry points, a script and data are there as after pip install -e', async () => {
  const dir = repository('scm', shop);
  git(dir, 'tag', 'v1.4.0');
  const lock = await locked(dir);
  expect(lock.python.build?.projects).toEqual([
    { path: '.', name: 'tide-shop', backend: 'setuptools.build_meta', versionFrom: 'git' },
  ]);
  expect(lock.python.build?.packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['setuptools', 'setuptools-scm', 'wheel']),
  );
  const first = await run(dir, 'up', '--verbose');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toMatch(/version 1\.4\.1\.dev1\+g[0-9a-f]+\n/);
  expect(first.stderr).toContain('the build has written');
  expect(first.stderr).toContain('src/tideshop/_version.py');
  expect(git(dir, 'status', '--porcelain')).toBe('');

  const again = await run(dir, 'up');
  expect(again.stdout).toContain('cached');
  expect(again.stderr).not.toContain('building and installing');
  // A tag is no file, and still another version.
  git(dir, 'tag', 'v1.5.0');
  expect((await run(dir, 'up', '--verbose')).stdout).toContain('version 1.5.0\n');
  // What the build left in the tree is made again when it is gone.
  rmSync(join(dir, 'src/tideshop/_version.py'));
  expect((await run(dir, 'run', '--', 'tide-shop')).stdout).toBe('shop 1.5.0\n');
  const checked = await run(dir, 'preflight', '--verbose');
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  expect(checked.stdout).toContain('version 1.5.0\n');
  const copied = await run(dir, 'up', '--workspace', 'copy', '--no-cache', '--verbose');
  expect(copied.stdout, copied.stderr).toContain('version 1.5.0\n');
  expect(git(dir, 'status', '--porcelain')).toBe('');
});

const till: Tree = {
  '.gitignore': 'build/\n*.egg-info/\n__pycache__/\n',
  'pyproject.toml': `[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"
[project]
name = "till"
version = "2.0"
[project.scripts]
till = "till:main"
[tool.setuptools.packages.find]
where = ["src"]
exclude = ["till.secret"]
[tool.setuptools.package-data]
till = ["*.txt"]
`,
  'src/till/__init__.py': 'price = 1\n\n\ndef main():\n    print("price", price)\n',
  'src/till/coins.txt': '5\n',
  'src/till/notes.md': 'not packed\n',
  'src/till/secret/__init__.py': '',
  'lib/pyproject.toml':
    '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "till-lib"\nversion = "1"\ndescription = "x"\n',
  'lib/till_lib.py': '"""x"""\n',
  'tests/test_till.py': `import importlib.metadata
import importlib.util
import json
from pathlib import Path

import till
import till_lib

here = Path(till.__file__).parent


def test_what_is_installed_is_the_copy():
    assert Path("/workspace") not in here.parents
    assert sorted(path.name for path in here.iterdir() if path.name != "__pycache__") == ["__init__.py", "coins.txt"]
    assert importlib.util.find_spec("till.secret") is None
    assert importlib.util.find_spec("till.stale") is None
    origin = json.loads(importlib.metadata.distribution("till").read_text("direct_url.json"))
    assert origin == {"url": "file:///workspace", "dir_info": {}}


def test_what_is_asked_for_with_e_is_the_folder():
    assert Path(till_lib.__file__) == Path("/workspace/lib/till_lib.py")
`,
  'requirements.txt': '.\n-e ./lib\npytest\n',
  'parity.yaml': config(
    '  tools: []\n  requirements: [requirements.txt]\n  system: []\n',
    step('tests', 'pytest -q tests'),
  ),
};

it('a package that is asked for without -e is installed as its wheel, and anew when a file of it changes', async () => {
  const dir = repository('till', till);
  // Of an earlier build: it is in no wheel that a fresh checkout gives.
  addFiles(dir, { 'build/lib/till/stale.py': '' });
  const lock = await locked(dir);
  expect(lock.python.build?.projects).toEqual([
    { path: '.', name: 'till', backend: 'setuptools.build_meta', editable: false },
    { path: 'lib', name: 'till-lib', backend: 'flit_core.buildapi' },
  ]);
  const first = await run(dir, 'up', '--verbose');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toContain('2 passed');
  const again = await run(dir, 'up');
  expect(again.stdout).toContain('cached');
  expect(again.stderr).not.toContain('building and installing');
  expect((await run(dir, 'run', '--', 'till')).stdout).toBe('price 1\n');
  addFiles(dir, { 'src/till/__init__.py': 'price = 2\n\n\ndef main():\n    print("price", price)\n' });
  expect((await run(dir, 'run', '--', 'till')).stdout).toBe('price 2\n');
  rmSync(join(dir, 'src/till/coins.txt'));
  expect((await run(dir, 'run', '--', 'pytest', '-q', 'tests')).stdout).toContain("['__init__.py']");
  git(dir, 'checkout', '-q', '.');
  // The config may say that it is editable after all.
  writeFileSync(join(dir, 'requirements.txt'), '-e .\n-e ./lib\npytest\n');
  expect((await run(dir, 'lock')).code).toBe(0);
  const file = await run(dir, 'run', '--', 'python', '-c', 'import till; print(till.__file__)');
  expect(file.stdout, file.stderr).toBe('/workspace/src/till/__init__.py\n');
  // The caller's home, where npm may leave a log, is in the repository here.
  expect(git(dir, 'status', '--porcelain', '--', '.', ':!.home')).toBe(' M parity.lock.json\n M requirements.txt\n');
});

const oldShop: Tree = {
  '.gitignore': '*.so\n*.egg-info/\nbuild/\n__pycache__/\ntables.py\n',
  'pyproject.toml':
    '[build-system]\nrequires = ["setuptools==58.5.3", "wheel"]\nbuild-backend = "setuptools.build_meta:__legacy__"\n',
  'setup.py': `import os

from setuptools import Extension, setup
from setuptools.command.develop import develop

from about import version

here = os.path.dirname(os.path.abspath(__file__))


class WithTables(develop):
    def run(self):
        with open(os.path.join(here, "src", "oldshop", "tables.py"), "w") as file:
            file.write("rows = 3\\n")
        super().run()


def needs(name):
    lines = open(os.path.join(here, "requirements", name)).read().split()
    while "-r" in lines:
        at = lines.index("-r")
        lines[at : at + 2] = needs(lines[at + 1])
    return lines


setup(
    name="old_shop",
    version=version,
    package_dir={"": "src"},
    packages=["oldshop", "oldshop.parts"],
    ext_modules=[Extension("oldshop.fast", ["fast.c"])],
    cmdclass={"develop": WithTables},
    scripts=["bin/old-tool"],
    install_requires=needs("main.txt"),
    extras_require={"more": ["toml"], "never": ["attrs"]},
    entry_points={"console_scripts": ["old-shop = oldshop:main"], "old.plugins": ["one = oldshop:main"]},
)
`,
  'about.py': 'version = "0.9"\n',
  'requirements/main.txt': '-r base.txt\n',
  'requirements/base.txt': 'iniconfig\n',
  'bin/old-tool': '#!/usr/bin/env python\nimport oldshop\n\nprint("tool", oldshop.fast.two())\n',
  'fast.c':
    '#include <Python.h>\nstatic PyObject *two(PyObject *self, PyObject *args) { return PyLong_FromLong(2); }\nstatic PyMethodDef methods[] = {{"two", two, METH_NOARGS, ""}, {0}};\nstatic struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "oldshop.fast", 0, -1, methods};\nPyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }\n',
  'src/oldshop/__init__.py': 'from oldshop import fast\n\n\ndef main():\n    print("old", fast.two())\n',
  'src/oldshop/parts/__init__.py': '',
  'look.py': `import importlib.metadata

import iniconfig
import oldshop.parts
import oldshop.tables
import toml

print(importlib.metadata.version("old-shop"), oldshop.tables.rows, oldshop.parts.__file__)
print([point.load().__name__ for point in importlib.metadata.entry_points(group="old.plugins")])
`,
  'parity.yaml': config(
    '  tools: []\n  requirements: ["setup.py[more]"]\n  system: []\n',
    step('look', 'python look.py && old-shop && old-tool'),
  ),
};

it('setuptools that knows no editable wheels installs as its develop command does, a command of the project’s own included', async () => {
  const dir = repository('old', oldShop);
  const lock = await locked(dir);
  const names = lock.python.packages.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['iniconfig', 'toml']));
  expect(names).not.toContain('attrs');
  expect(lock.python.build?.packages.find(({ name }) => name === 'setuptools')?.version).toBe('58.5.3');
  const up = await run(dir, 'up', '--verbose');
  expect(up.code, up.stdout + up.stderr).toBe(0);
  expect(up.stdout.replaceAll('\n  ', '\n')).toContain(
    "0.9 3 /workspace/src/oldshop/parts/__init__.py\n['main']\nold 2\ntool 2\n",
  );
  expect((await run(dir, 'up')).stdout).toContain('cached');
  // What setup.py reads of requirements is an input of the lock.
  addFiles(dir, { 'requirements/base.txt': 'iniconfig<2\n' });
  expect((await run(dir, 'lock', '--check')).code).toBe(1);
});

const backends: Tree = {
  '.gitignore': '*.so\n',
  'flit/pyproject.toml':
    '[build-system]\nrequires = ["flit_core>=3.9,<4"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "b-flit"\nversion = "1.1"\ndescription = "x"\n[project.scripts]\nb-flit = "b_flit:main"\n',
  'flit/b_flit.py': '"""x"""\n\n\ndef main():\n    print("flit")\n',
  'hatch/pyproject.toml':
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "b-hatch"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "src/b_hatch/__about__.py"\n',
  'hatch/src/b_hatch/__init__.py': '',
  'hatch/src/b_hatch/__about__.py': '__version__ = "1.2"\n',
  'poetry/pyproject.toml':
    '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\nname = "b-poetry"\nversion = "1.3"\ndescription = ""\nauthors = []\n[tool.poetry.dependencies]\npython = ">=3.9"\n',
  'poetry/b_poetry/__init__.py': '',
  'pdm/pyproject.toml':
    '[build-system]\nrequires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n[project]\nname = "b-pdm"\nversion = "1.4"\n',
  'pdm/src/b_pdm/__init__.py': '',
  'legacy/setup.py':
    'from setuptools import setup\n\nneeds = open("needs.txt").read().split()\nsetup(name="b-legacy", version="1.5", py_modules=["b_legacy"], install_requires=needs, extras_require={"more": ["toml"]})\n',
  'legacy/needs.txt': 'iniconfig\n',
  'legacy/b_legacy.py': 'import iniconfig\n',
  'fast/setup.py':
    'from setuptools import Extension, setup\n\nsetup(name="b-fast", version="1.6", ext_modules=[Extension("b_fast", ["fast.c"])])\n',
  'fast/fast.c':
    '#include <Python.h>\nstatic PyObject *two(PyObject *self, PyObject *args) { return PyLong_FromLong(2); }\nstatic PyMethodDef methods[] = {{"two", two, METH_NOARGS, ""}, {0}};\nstatic struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "b_fast", 0, -1, methods};\nPyMODINIT_FUNC PyInit_b_fast(void) { return PyModule_Create(&module); }\n',
  // pytest needs a package of this name.
  'pluggy/pyproject.toml':
    '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "pluggy"\nversion = "1.99"\ndescription = "x"\n',
  'pluggy/pluggy.py': '"""x"""\n',
  'requirements.txt': '-e ./legacy[more]\n-e ./fast\n',
  'versions.py': `import importlib.metadata

import b_fast
import b_flit
import b_hatch
import b_legacy
import b_pdm
import b_poetry
import pluggy

assert b_fast.two() == 2
for name in ("b-flit", "b-hatch", "b-poetry", "b-pdm", "b-legacy", "b-fast", "pluggy"):
    print(name, importlib.metadata.version(name))
print(b_legacy.__file__, pluggy.__file__)
`,
  'parity.yaml': config(
    '  tools: [pytest]\n  requirements: [requirements.txt]\n  system: []\n  build: { projects: [flit, hatch, poetry, pdm, legacy, fast, pluggy] }\n',
    step('versions', 'python versions.py && b-flit'),
  ),
};

it('each backend builds its package, a compiler is there for C, and a name that is built here comes from no index', async () => {
  const dir = repository('backends', backends);
  const lock = await locked(dir);
  const names = lock.python.packages.map(({ name }) => name);
  // What only setup.py knows, the extra that is asked for, and what the test tool needs besides the package that is built here.
  expect(names).toEqual(expect.arrayContaining(['iniconfig', 'pytest', 'toml']));
  expect(names).not.toContain('pluggy');
  expect(lock.system['linux/amd64'].filter(({ requested }) => requested).map(({ name }) => name)).toContain('gcc');
  const up = await run(dir, 'up', '--verbose');
  expect(up.code, up.stdout + up.stderr).toBe(0);
  expect(up.stdout.replaceAll('\n  ', '\n')).toContain(
    'b-flit 1.1\nb-hatch 1.2\nb-poetry 1.3\nb-pdm 1.4\nb-legacy 1.5\nb-fast 1.6\npluggy 1.99\n/workspace/legacy/b_legacy.py /workspace/pluggy/pluggy.py\nflit\n',
  );
  // Metadata beside the sources, which nothing here ignores, is gone again.
  expect(git(dir, 'status', '--porcelain')).toBe('');
  expect((await run(dir, 'up')).stdout).toContain('cached');
});

it('a backend that fails is a failure before the steps: its last lines, the place, what to type; and so is one that wants the network', async () => {
  const setup = (last: string): string =>
    `import os\nfrom setuptools import setup\n\n${last}\nsetup(name="broken", version="1", py_modules=[])\n`;
  const dir = repository('broken', {
    'setup.py': setup(''),
    'parity.yaml': config('  tools: []\n  requirements: [setup.py]\n  system: []\n', step('one', 'true')),
  });
  await locked(dir);
  expect((await run(dir, 'up')).code).toBe(0);
  // What the lock was made with still holds; the build sees another environment than the lock's resolver.
  writeFileSync(join(dir, 'setup.py'), setup('os.path.exists("/opt/parity/build") and os.environ["SHOP_KEY"]'));
  expect((await run(dir, 'lock')).code).toBe(0);
  const failed = await run(dir, 'up', '--no-cache');
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain("the build of broken failed: setup.py:4: KeyError: 'SHOP_KEY'");
  expect(failed.stdout).not.toContain('passed');
  const fetch =
    'import urllib.request\nos.path.exists("/opt/parity/build") and urllib.request.urlopen("https://parity.invalid/x")';
  writeFileSync(join(dir, 'setup.py'), setup(fetch));
  expect((await run(dir, 'lock')).code).toBe(0);
  const offline = await run(dir, 'up', '--no-cache');
  expect(offline.code).toBe(2);
  expect(offline.stderr).toContain('it wants the network');
  expect(offline.stderr).toContain('build: { network: full }');
  expect(git(dir, 'status', '--porcelain', '--', '.')).toBe(' M parity.lock.json\n M setup.py\n');
});
