import { expect, it } from 'vitest';
import { scriptFailure } from './script-failure.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);

it.each([
  ['E: Unable to locate package libfoo-dev', 'config-invalid', 'Debian has no package called libfoo-dev'],
  ["E: Package 'libfoo' has no installation candidate", 'config-invalid', 'Debian has no package called libfoo'],
  ['dpkg-deb: error: write error: No space left on device', 'disk-full', 'it failed: the disk is full'],
  [
    `E: Failed to fetch http://m.example/pool/git_2_amd64.deb  Hash Sum mismatch
   Hashes of expected file:
    - SHA256:${a}
   Hashes of received file:
    - SHA256:${b}`,
    'integrity-mismatch',
    `git_2_amd64.deb is not what the lock says: expected sha256 ${a}, found sha256 ${b}`,
  ],
  [
    "E: Failed to fetch http://m.example/dists/InRelease  Temporary failure resolving 'm.example'",
    'network',
    'it failed: the Debian mirror could not be reached',
  ],
  [
    'W: GPG error: http://m.example bookworm InRelease: NO_PUBKEY 0E98404D386FA1D9',
    'host-tool-missing',
    "it failed: the mirror's signature could not be checked",
  ],
  ['E: something else', 'image-build-failed', 'it failed'],
])('tells the cause from %j', (output, reason, message) => {
  expect(scriptFailure('it failed', `Get:1 http://m.example x [1 kB]\n${output}\n`)).toMatchObject({ reason, message });
});
