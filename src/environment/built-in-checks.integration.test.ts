import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitScratch, repository } from '../../test/support/git-repo.ts';
import { addPackages, python } from '../../test/support/python-packages.ts';
import type { Tree } from '../../test/support/repo.ts';
import { packageRoot } from '../core/paths.ts';

// The script that containers get, on this machine's Python.
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

test('a module that hangs is given up at its statement, whatever it waits for and however it turns a deaf ear', () => {
  const said = check(
    {
      'core/__init__.py': '',
      'core/loop.py': 'while True: pass\n',
      'core/serve.py':
        'import time\n\ndef serve():\n    while True:\n        try:\n            time.sleep(1)\n        except BaseException:\n            pass\n\nserve()\n',
      // Who imports one that is known to hang is not waited for as long.
      'core/app.py': 'from core import serve\n',
      'core/worker.py': 'import core.app\n',
      // Code in C that never comes back to Python, and no signal is heard.
      'core/größe.py': 'import itertools\n\ndef count():\n    return sum(itertools.count())\n\nN = count()\n',
      'core/ignores.py': 'import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(1000)\n',
      'core/stubborn.py':
        'import faulthandler, signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\nfaulthandler.cancel_dump_traceback_later()\ntime.sleep(1000)\n',
      'core/stuck.py': 'import threading\nLOCK = threading.Lock()\nLOCK.acquire()\nLOCK.acquire()\n',
      'core/meant.py': 'import time\ntime.sleep(1000)  # import-check: ok\n',
    },
    { env: { PARITY_IMPORT_SECONDS: '1' } },
  );
  expect(said).toEqual({
    status: 1,
    stderr: '',
    lines: [
      'core/größe.py:6:1: hangs-at-import: `core.größe` is not imported after 1 s (core/größe.py:4 in count)',
      '    N = count()',
      'core/ignores.py:3:1: hangs-at-import: `core.ignores` is not imported after 1 s',
      '    time.sleep(1000)',
      'core/loop.py:1:1: hangs-at-import: `core.loop` is not imported after 1 s',
      '    while True: pass',
      'core/serve.py:10:1: hangs-at-import: `core.serve` is not imported after 1 s (core/serve.py:6 in serve); so does whatever imports it: core.app, core.worker',
      '    serve()',
      'core/stubborn.py:1:1: hangs-at-import: `core.stubborn` is not imported after 1 s',
      '    import faulthandler, signal, time',
      'core/stuck.py:4:1: hangs-at-import: `core.stuck` is not imported after 1 s',
      '    LOCK.acquire()',
      '10 modules imported in N s: 6 errors',
    ],
  });
}, 60_000);

test('a thread that no program ends without is told where it was started; those that end with the program are not', () => {
  const start = (target: string, more: string): string =>
    `import threading, time\nthreading.Thread(target=${target}${more}).start()\n`;
  const said = check(
    {
      'core/__init__.py': '',
      'core/poll.py':
        'import threading, time\n\ndef poll():\n    time.sleep(1000)\n\ndef start():\n    threading.Thread(target=poll, name="poller").start()\n\nstart()\n',
      'core/app.py': 'import core.poll\n',
      'core/daemon.py': start('lambda: time.sleep(1000)', ', daemon=True'),
      'core/brief.py': start('lambda: time.sleep(0.2)', ''),
      'core/pool.py':
        'from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(2)\nPOOL.submit(len, "")\n',
    },
    { env: { PARITY_IMPORT_SECONDS: '2' } },
  );
  expect(said).toEqual({
    status: 1,
    stderr: '',
    lines: [
      'core/poll.py:9:1: hangs-at-import: `core.poll` starts a thread (poller) that still runs 2 s after the import and that no program ends without (core/poll.py:7 in start); so does whatever imports it: core.app',
      '    start()',
      '6 modules imported in N s: 1 error',
    ],
  });
}, 60_000);

test('a limit that is no number of seconds is said', () => {
  const line = 'PARITY_IMPORT_SECONDS is to be a number of seconds above 0, as in `env: { PARITY_IMPORT_SECONDS: 60 }`';
  for (const limit of ['soon', '0', 'nan', 'inf'])
    expect(check({ 'a.py': '' }, { env: { PARITY_IMPORT_SECONDS: limit } })).toEqual({
      status: 2,
      stderr: '',
      lines: [line],
    });
});

test('Django: models are imported with its settings; without them, or with wrong ones, that is what is said', () => {
  const packages = join(gitScratch(), 'packages');
  addPackages(packages, ['django==5.2.1']);
  const settings = (app: string): string =>
    `SECRET_KEY = "x"\nINSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "${app}"]\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}\n`;
  const files = {
    'shop/__init__.py': '',
    'shop/settings.py': settings('cart'),
    'shop/broken.py': settings('card'),
    'cart/__init__.py': '',
    'cart/models.py':
      'from django.db import models\nfrom django.contrib.auth.models import User\n\nclass Cart(models.Model):\n    owner = models.ForeignKey(User, on_delete=models.CASCADE)\n',
    'cart/views.py': 'from cart.models import Cart\n\nCOUNT = Cart.objects.count\n',
  };
  const env = { PYTHONPATH: packages };
  const known = { 'cart/views.py': 'from cart.models import Cart\n\nCOUNT = Cart.objects.count()\n' };
  const all = { ...files, ...known };
  const line = 'cart/models.py:2:1: fails-at-import: `cart.models` ';
  const end = ['    from django.contrib.auth.models import User', '6 modules imported in N s: 1 error'];
  // Python compiles what it imports for the first time, which may well take the second that is told as slow.
  check(files, { env: { ...env, DJANGO_SETTINGS_MODULE: 'shop.settings' } });
  expect(check(files, { env: { ...env, DJANGO_SETTINGS_MODULE: 'shop.settings' } })).toEqual({
    status: 0,
    stderr: '',
    lines: ['6 modules imported in N s: nothing to say'],
  });
  expect(check(all, { env: { ...env, DJANGO_SETTINGS_MODULE: 'shop.settings' } })).toEqual({
    status: 1,
    stderr: '',
    lines: [
      'cart/views.py:3:1: connects-at-import: `cart.views` connects to the database file db.sqlite3 when it is imported',
      '    COUNT = Cart.objects.count()',
      '6 modules imported in N s: 1 error',
    ],
  });
  expect(check(files, { env: { ...env, DJANGO_SETTINGS_MODULE: 'shop.broken' } })).toEqual({
    status: 1,
    stderr: '',
    lines: [
      `${line}can't be imported because django.setup() fails with DJANGO_SETTINGS_MODULE=shop.broken: ModuleNotFoundError: No module named 'card'; so does whatever imports it: cart.views`,
      ...end,
    ],
  });
  expect(check(files, { env })).toEqual({
    status: 1,
    stderr: '',
    lines: [
      `${line}can't be imported without the variable DJANGO_SETTINGS_MODULE (\`env\` of this step): ImproperlyConfigured: Requested setting INSTALLED_APPS, but settings are not configured. You must either define the environment variable DJANGO_SETTINGS_MODULE or call settings.configure() before accessing settings.; so does whatever imports it: cart.views`,
      ...end,
    ],
  });
}, 120_000);
