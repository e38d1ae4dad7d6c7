import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const command = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'signpost.js');
const run = (...args) => spawnSync('signpost', args, { encoding: 'utf8' });

describe('signpost', () => {
  it('is in the path of npm scripts, and may be started', () => {
    accessSync(command, constants.X_OK);
    // CI has colours.
    assert.equal(run('Bern', 'Thun').stdout.includes('\x1b['), process.env.CI !== undefined);
    assert.match(run('Bern', 'Thun').stdout, /Thun 31 km/);
  });

  it('says what it does not know', () => {
    const { status, stderr } = run('Bern', 'Chur');
    assert.deepEqual({ status, stderr }, { status: 1, stderr: 'no way from Bern to Chur\n' });
  });

  it('runs on the Node that the project names', () => {
    assert.equal(process.versions.node.split('.')[0], '20');
  });
});
