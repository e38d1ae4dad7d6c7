import { expect, it } from 'vitest';
import { failure } from '../core/failure.ts';
import { buildFailure } from './build-failure.ts';

const hash = (digit: string): string => `sha256:${digit.repeat(64)}`;

it.each([
  [
    `  × Failed to download \`six==1.17.0\`\n  ╰─▶ Hash mismatch for \`six==1.17.0\`\n\n      Expected:\n        ${hash('0')}\n\n      Computed:\n        ${hash('4')}\n`,
    'integrity-mismatch',
    `six==1.17.0 is not what the lock says: expected ${hash('0')}, found ${hash('4')}`,
  ],
  [
    'parity: npm 11.0.0 is not what the lock says: expected sha512-A, found sha512-B',
    'integrity-mismatch',
    'npm 11.0.0 is not what the lock says: expected sha512-A, found sha512-B',
  ],
  [
    'parity: the npm registry could not be reached (timed out): https://acme.test/npm',
    'network',
    'the npm registry could not be reached (timed out): https://acme.test/npm',
  ],
  ['error: [Errno 28] No space left on device', 'disk-full', "the image could not be built: the engine's disk is full"],
  [
    'parity: the Debian mirror no longer has less 590-2 (1 in all)',
    'package-vanished',
    'the Debian mirror no longer has less 590-2 (1 in all)',
  ],
  [
    'parity: the base has Python 3.11.3 and the lock says 3.11.2: run `parity lock`',
    'lock-stale',
    'the base has Python 3.11.3 and the lock says 3.11.2: run `parity lock`',
  ],
  [
    'Failed to build `psycopg2==2.9.9`\nError: pg_config executable not found.\nparity: uv … ended with exit code 1',
    'image-build-failed',
    'psycopg2==2.9.9 could not be built from its source: it needs pg_config, which the image does not have',
  ],
  [
    'Failed to build `acme==1.0`\nacme.c:1:10: fatal error: zlib.h: No such file or directory\nparity: uv … ended with exit code 1',
    'image-build-failed',
    'acme==1.0 could not be built from its source: it needs zlib.h, which the image does not have',
  ],
  [
    'Failed to build `acme==1.0`\nRuntimeError: no\nparity: uv … ended with exit code 1',
    'image-build-failed',
    'acme==1.0 could not be built from its source',
  ],
])('tells the cause from %j', (output, reason, message) => {
  const found = failure('image-build-failed', 'could not build x', {
    detail: `${output}\nreturned a non-zero code: 1`,
  });
  const worded = buildFailure(found, '');
  expect(worded).toMatchObject({ reason, message, detail: found.detail });
  expect(worded.next).toBeTypeOf('string');
});

it('names the Debian package where it is known', () => {
  const next = (said: string): string | undefined =>
    buildFailure(failure('image-build-failed', 'x', { detail: `Failed to build \`acme==1.0\`\n${said}` }), '').next;
  expect(next('Error: pg_config executable not found.')).toBe(
    'add libpq-dev to toolchain.system in parity.yaml, then: parity lock',
  );
  expect(next('/bin/sh: 1: mysql_config: not found')).toContain('add default-libmysqlclient-dev to');
  expect(next('a.c:1:1: fatal error: acme/thing.h: No such file or directory')).toContain(
    'add the Debian package that has acme/thing.h to',
  );
});

it('leaves other failures as they are', () => {
  const gone = failure('engine-unreachable', 'gone');
  expect(buildFailure(gone, 'No space left on device')).toBe(gone);
});
