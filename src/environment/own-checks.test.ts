import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitScratch, repository } from '../../test/support/git-repo.ts';
import type { Tree } from '../../test/support/repo.ts';
import { packageRoot } from '../core/paths.ts';

// The script that containers get, on this machine's Python.
const python = ['python3.11', 'python3'].find((name) => spawnSync(name, ['--version']).status === 0) ?? 'python3';
const script = join(packageRoot(), 'images', 'checks', 'import_check.py');

/** What the check printed, without the remedies and the time that it took, and its exit code. */
function check(
  files: Tree,
  more: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): unknown {
  const dir = repository(join(gitScratch(), 'a repo'), files);
  const cwd = join(dir, more.cwd ?? '.');
  mkdirSync(cwd, { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1', ...more.env };
  const { status, stdout, stderr } = spawnSync(python, [script], { cwd, env, encoding: 'utf8' });
  const lines = stdout.replace(/\d+\.\d s/g, 'N s').split('\n');
  return { status, stderr, lines: lines.filter((line) => line !== '' && !/^[a-z-]+-at-import: /.test(line)) };
}

test('each thing that an import does is told once, at the statement that an import was executing', () => {
  const connect = 'import socket\ndef connect():\n    return socket.create_connection(("127.0.0.1", 9))\n';
  const said = check({
    'core/__init__.py': '',
    'core/pool.py': connect,
    'core/db.py': 'from core.pool import connect\n\nPOOL = connect(\n)\n',
    'core/app.py': 'from core import db\n',
    'core/api.py': 'import core.app\n',
    'core/store.py': 'import sqlite3\nclass Store:\n    db = sqlite3.connect("shop.db")\n',
    'core/version.py': 'import subprocess\nV = subprocess.run(["git", "--version"], capture_output=True).stdout\n',
    'core/conf.py':
      'import os\nTOKEN = os.environ.get("API_TOKEN")\nPLAIN = os.getenv("HOME")\nALL = dict(os.environ.copy())\n',
    'core/strict.py': 'import os\nKEY = os.environ["SECRET_KEY"]\n',
    'core/needs.py': 'import os\nURL = os.environ["SERVICE_URL"]\n',
    'core/slow.py': 'import time\ntime.sleep(1.1)\n',
    'core/driver.py':
      'class OperationalError(Exception):\n    pass\nraise OperationalError("could not connect to server")\n',
    'core/lost.py': 'import nothere\n',
    'core/bad.py': 'def f(:\n',
    'core/exits.py': 'import sys\nsys.exit("usage: …")\n',
    'core/gone.py': 'import os\nos._exit(3)\n',
    'core/windows.py': 'import winreg\n',
    'core/meant.py': 'import os\nos.system(\n    "true"  # import-check: ok, nothing else knows\n)\n',
  });
  expect(said).toEqual({
    status: 1,
    stderr: '',
    lines: [
      "core/bad.py:1:1: fails-at-import: `core.bad` can't be imported: SyntaxError: invalid syntax (bad.py, line 1)",
      '    def f(:',
      'core/conf.py:2:1: reads-secret-at-import: `core.conf` reads API_TOKEN when it is imported',
      '    TOKEN = os.environ.get("API_TOKEN")',
      'core/db.py:3:1: connects-at-import: `core.db` connects to 127.0.0.1:9 when it is imported (core/pool.py:3 in connect); so does whatever imports it: core.api, core.app',
      '    POOL = connect(',
      'core/driver.py:3:1: connects-at-import: `core.driver` wants a connection when it is imported: OperationalError: could not connect to server',
      '    raise OperationalError("could not connect to server")',
      "core/exits.py:2:1: fails-at-import: `core.exits` can't be imported: it calls sys.exit(usage: …)",
      '    sys.exit("usage: …")',
      'core/gone.py:1:1: fails-at-import: `core.gone` ends the interpreter when it is imported (exit code 3)',
      '    import os',
      "core/lost.py:1:1: fails-at-import: `core.lost` can't be imported: ModuleNotFoundError: No module named 'nothere'",
      '    import nothere',
      "core/needs.py:2:1: fails-at-import: `core.needs` can't be imported without the variable SERVICE_URL (`env` of this step): KeyError: 'SERVICE_URL'",
      '    URL = os.environ["SERVICE_URL"]',
      'core/slow.py:2:1: slow-at-import: `core.slow` takes N s when it is imported',
      '    time.sleep(1.1)',
      'core/store.py:3:1: connects-at-import: `core.store` connects to the database file shop.db when it is imported',
      '    db = sqlite3.connect("shop.db")',
      "core/strict.py:2:1: needs-secret-at-import: `core.strict` can't be imported without SECRET_KEY: KeyError: 'SECRET_KEY'",
      '    KEY = os.environ["SECRET_KEY"]',
      'core/version.py:2:1: spawns-at-import: `core.version` starts git --version when it is imported',
      '    V = subprocess.run(["git", "--version"], capture_output=True).stdout',
      '18 modules imported in N s: 10 errors, 2 warnings',
    ],
  });
});

test('modules have the names that the repository gives them; scripts and tests are left alone', () => {
  const said = check({
    // A package below src, a folder without __init__.py that is imported through, and one that files take for a package.
    'src/shop/__init__.py': '',
    'src/shop/cart.py': 'import core.db.session\nassert __name__ == "shop.cart"\n',
    'core/db/session.py': 'from . import engine\nassert __name__ == "core.db.session"\n',
    'core/db/engine.py': 'assert __name__ == "core.db.engine"\n',
    'app.py': 'import shop.cart\n',
    'wsgi.py': 'from app import shop\nimport sys\nif __name__ == "__main__":\n    sys.exit(9)\n',
    'deploy.py': 'raise SystemExit("deployed!")\n',
    'src/shop/__main__.py': 'raise SystemExit("started!")\n',
    // A plain folder in a package, beside a module with a name of the standard library.
    'src/shop/logging.py': '',
    'src/shop/plain/part.py':
      'from .. import cart\nimport logging\nassert logging.INFO\nassert __name__ == "shop.plain.part"\n',
    // What lies beside a program is that program's.
    'tools/json.py': 'raise SystemExit("wrong")\n',
    'tools/run.py': 'import sys\nif __name__ == "__main__":\n    sys.exit(9)\n',
    'src/shop/tool.py': '#!/usr/bin/env python3\nraise SystemExit("run!")\n',
    'alembic/script.py.mako': '',
    'alembic/env.py': 'from alembic import context\ncontext.config.attributes\n',
    'tests/test_cart.py': 'import app\nraise SystemExit\n',
    'conftest.py': 'raise SystemExit\n',
    'a-b/not a name.py': 'raise SystemExit\n',
  });
  expect(said).toEqual({
    status: 0,
    stderr: '',
    lines: [
      '9 modules imported in N s: nothing to say',
      'not imported: 1 migration, 5 scripts (a-b/not a name.py, deploy.py, src/shop/__main__.py and 2 more), 2 tests',
    ],
  });
});

test('a library that does something when it is imported is a warning, at the statement that imports it', () => {
  const library = 'import subprocess\nsubprocess.run(["true"])\ndef call():\n    subprocess.run(["true"])\n';
  const files = {
    'core/__init__.py': '',
    'core/a.py': 'import lib\n',
    'core/b.py': 'import lib\n\nlib.call()\n',
    '.venv/lib/site-packages/lib.py': library,
  };
  expect(check(files, { env: { PYTHONPATH: '.venv/lib/site-packages' } })).toEqual({
    status: 1,
    stderr: '',
    lines: [
      'core/a.py:1:1: library-spawns-at-import: `core.a` imports a library that starts true',
      '    import lib',
      'core/b.py:1:1: library-spawns-at-import: `core.b` imports a library that starts true',
      '    import lib',
      'core/b.py:3:1: spawns-at-import: `core.b` starts true when it is imported',
      '    lib.call()',
      '3 modules imported in N s: 1 error, 2 warnings',
    ],
  });
});

test('in a folder without a module there is nothing that could pass', () => {
  expect(check({ 'core/a.py': '' }, { cwd: 'docs' })).toMatchObject({ status: 1, stderr: '' });
});
