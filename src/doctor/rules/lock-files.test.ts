import { expect, it } from 'vitest';
import { auditOf, briefFindings, lockOf } from '../../../test/support/audit.ts';
import { runRules } from '../run-rules.ts';
import { lockFileDiffers } from './lock-file-differs.ts';
import { lockStale } from './lock-stale.ts';
import { unresolved } from './unresolved.ts';
import { unreadable } from './unreadable.ts';

const lock = lockOf({ mypy: '1.18.2', black: '25.9.0' });
const entry = (name: string, version: string): string => `[[package]]\nname = "${name}"\nversion = "${version}"\n\n`;

it('PD010 holds other lock files against the lock; one right version of several will do', () => {
  const files = {
    'uv.lock': entry('mypy', '1.17.0') + entry('black', '24.1.0') + entry('black', '25.9.0') + entry('flask', '3.0'),
  };
  expect(briefFindings(lockFileDiffers, { files, lock })).toEqual([
    [
      'uv.lock:3:12',
      'uv.lock has 1.17.0, the lock has 1.18.2',
      'parity lock, with uv.lock in toolchain.requirements: its versions then decide; or let its own tool move mypy to 1.18.2',
    ],
  ]);
});

it('PD011 tells what can not be decided, of what matters', () => {
  const files = {
    '.nvmrc': 'lts/*\n',
    'requirements.txt': 'black @ git+https://example.test/black\nflask @ git+https://example.test/flask\n',
  };
  expect(briefFindings(unresolved, { files, lock })).toEqual([
    [
      '.nvmrc:1:1',
      '.nvmrc: a name that moves, or no version (lts/*)',
      'look at it yourself, or name the version there',
    ],
    ['requirements.txt:1:9', 'a requirement: installed from git', 'look at it yourself, or name the version there'],
  ]);
});

it('PD012 tells where a file stops making sense', () => {
  const files = { 'pyproject.toml': '[project]\nname = "x\n', 'package.json': '{ "engines": { "node": ">=20" \n' };
  expect(briefFindings(unreadable, { files, lock }).map(([at]) => at)).toEqual([
    'package.json:2:1',
    'pyproject.toml:2:10',
  ]);
});

it('PD013 tells a lock that does not answer to its inputs', () => {
  const audit = auditOf({ lock, stale: ['toolchain.tools changed'] });
  const { findings } = runRules([audit], { rules: [lockStale], ignored: new Map() });
  expect(findings.map(({ message, hint, location }) => [location?.path, message, hint])).toEqual([
    ['parity.lock.json', 'the lock does not answer to its inputs any more: toolchain.tools changed', 'parity lock'],
  ]);
});
