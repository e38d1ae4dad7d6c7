import { expect, it } from 'vitest';
import { bareLock } from '../../../../test/support/image.ts';
import type { LockedPythonPackage } from '../../../lock/lock.ts';
import { versionsTable } from './versions.ts';

const locked = (name: string, version: string, more: Partial<LockedPythonPackage> = {}): LockedPythonPackage => ({
  name,
  version,
  hashes: [],
  via: ['toolchain.tools'],
  ...more,
});

const config = {
  toolchain: {
    python: '3.11',
    tools: ['Black[d] == 25.9.0', 'mypy'],
    requirements: ['core/requirements.txt'],
    system: [],
  },
  image: { base: 'registry' },
};
const lock = bareLock({
  base: { kind: 'registry', image: 'python:3.11-slim', digest: `sha256:${'a'.repeat(64)}` },
  packages: [
    locked('black', '25.9.0'),
    locked('mypy', '1.18.2'),
    locked('SQLAlchemy', '2.0.23', { via: ['core/requirements.txt'] }),
    locked('click', '8.1.0', { via: ['black'], marker: "python_version < '3.10'" }),
    locked('click', '8.2.0', { via: ['black'], marker: "python_version >= '3.10'" }),
  ],
});

it('tells of each part what is asked for, locked and there', () => {
  const packages = new Map([
    ['black', '25.9.0'],
    ['sqlalchemy', '2.0.25'],
    ['click', '8.2.0'],
  ]);
  const { rows, notObserved } = versionsTable(config, lock, { python: '3.11.2', packages });
  expect(notObserved).toBeNull();
  expect(rows).toEqual([
    {
      name: 'base image',
      declared: 'registry',
      locked: [`python:3.11-slim@sha256:${'a'.repeat(64)}`],
      observed: null,
      isOptional: true,
    },
    { name: 'python', declared: '3.11', locked: [lock.python.version], observed: '3.11.2' },
    { name: 'black', declared: 'Black[d] == 25.9.0', locked: ['25.9.0'], observed: '25.9.0' },
    { name: 'click', declared: null, locked: ['8.1.0', '8.2.0'], observed: '8.2.0', isOptional: true },
    { name: 'mypy', declared: 'mypy', locked: ['1.18.2'], observed: null },
    { name: 'sqlalchemy', declared: 'core/requirements.txt', locked: ['2.0.23'], observed: '2.0.25' },
  ]);
});

it('says why nobody looked into the image', () => {
  const { rows, notObserved } = versionsTable(config, lock, 'the run was interrupted');
  expect([notObserved, rows.every(({ observed }) => observed === null)]).toEqual(['the run was interrupted', true]);
});
