import { expect, it } from 'vitest';
import { patchNote } from './base.ts';
import type { LockedBase } from './locked-base.ts';

const packages = [{ name: 'python3.11', version: '3.11.2-6+deb12u6', sha256: '0'.repeat(64) }];
const debian: LockedBase = {
  kind: 'debian',
  suite: 'bookworm',
  snapshot: '20261120T083000Z',
  packages: { 'linux/amd64': packages, 'linux/arm64': packages },
};

it('a base of Debian says which patch version it has, where CI asks for none', () => {
  expect(patchNote(debian, '3.11')).toBe("; its Python is 3.11.2, CI's is the newest 3.11");
  expect(patchNote(debian, '3.11.2')).toBe('');
  const registry: LockedBase = { kind: 'registry', image: 'python:3.11-slim', digest: `sha256:${'0'.repeat(64)}` };
  expect(patchNote(registry, '3.11')).toBe('');
});
