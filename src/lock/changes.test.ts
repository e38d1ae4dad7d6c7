import { expect, it } from 'vitest';
import { describeChange, lockChanges } from './changes.ts';
import type { Lock } from './lock.ts';

const debian = (version: string) => [{ name: 'libc6', version, sha256: 'a'.repeat(64) }];

function lock(packages: Readonly<Record<string, string>>, libc: string, node?: string): Lock {
  const npm = { name: 'npm', version: '11.6.0', integrity: 'sha512-AAAA' };
  return {
    version: 1,
    parity: '0.1.0',
    inputs: {},
    base: {
      kind: 'debian',
      suite: 'bookworm',
      snapshot: '20261120T083000Z',
      packages: { 'linux/amd64': debian(libc), 'linux/arm64': debian(libc) },
    },
    python: {
      version: '3.11.2',
      packages: Object.entries(packages).map(([name, version]) => ({ name, version, hashes: [], via: [] })),
    },
    uv: { version: '0.13.9', hashes: [] },
    ...(node === undefined
      ? {}
      : { node: { version: node, platforms: { 'linux/amd64': npm, 'linux/arm64': npm }, npm } }),
    system: { 'linux/amd64': [], 'linux/arm64': [] },
    platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } },
  };
}

it('tells what a new lock pins otherwise, each thing once', () => {
  const before = lock({ black: '25.1.0', flake8: '7.3.0', mypy: '1.18.2' }, '2.36-9');
  const after = lock({ black: '25.9.0', mypy: '1.18.2', pytest: '8.4.2' }, '2.36-10', '24.9.0');
  expect(lockChanges(before, after).map(describeChange)).toEqual([
    '+ node 24.9.0',
    '+ npm 11.6.0',
    '~ black 25.1.0 → 25.9.0',
    '- flake8 7.3.0',
    '+ pytest 8.4.2',
    '~ libc6 (Debian) 2.36-9 → 2.36-10',
  ]);
  expect(lockChanges(after, after)).toEqual([]);
});
