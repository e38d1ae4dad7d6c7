import { expect } from 'vitest';
import type { StepFinished } from '../../src/pipeline/events.ts';
import { engineTest } from '../support/engine-test.ts';
import { git } from '../support/environment.ts';
import { parity } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

test('a module that opens a database connection at import fails the step at its own statement; once mended it passes, and is cached', async () => {
  const dir = await makeProject('  - { name: imports, uses: parity/import-check }\n', { name: 'shop ü' });
  addFiles(dir, {
    '.gitignore': '.home\n.parity-cache\n',
    'core/__init__.py': '',
    // As a driver connects: a name that is looked up, then a socket.
    'core/driver.py':
      'import socket\n\n\ndef connect(host, port):\n    return socket.create_connection((host, port), timeout=5)\n',
    'core/db.py': 'from core import driver\n\nCONNECTION = driver.connect("db.internal", 5432)\n',
    'core/app.py': 'from core.db import CONNECTION\n',
    'core/tests/test_app.py': 'from core.app import CONNECTION\n',
  });
  git(dir, 'init', '-q');
  const failed = await parity(['up', '--reporter', 'plain'], { cwd: dir, env });
  expect(failed.code).toBe(1);
  const line =
    'core/db.py:3:1: connects-at-import: `core.db` connects to db.internal:5432 when it is imported (core/driver.py:5 in connect); so does whatever imports it: core.app';
  expect(failed.stdout).toContain(`${line}\n`);
  expect(failed.stdout).toContain('connects-at-import: connect where it is used first');

  const told = await parity(['up', '--reporter', 'json'], { cwd: dir, env });
  const [end] = told.stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as StepFinished)
    .filter(({ type }) => type === 'step-finished');
  expect(end?.diagnostics).toEqual([
    {
      tool: 'import-check',
      code: 'connects-at-import',
      severity: 'error',
      message: line.slice(line.indexOf('`')),
      file: 'core/db.py',
      line: 3,
      column: 1,
    },
  ]);

  addFiles(dir, {
    'core/db.py':
      'import functools\n\nfrom core import driver\n\n\n@functools.lru_cache\ndef connection():\n    return driver.connect("db.internal", 5432)\n',
    'core/app.py': 'from core.db import connection\n',
  });
  const outcomes: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { stdout, stderr, code } = await parity(['up', '--reporter', 'json'], { cwd: dir, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    outcomes.push(/"outcome":"(passed|cached)"/.exec(stdout)?.[1] ?? stdout);
  }
  expect(outcomes).toEqual(['passed', 'cached']);
});
