import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { parseLock } from './read.ts';
import { lockJsonSchema } from './schema.ts';
import { formatLock } from './write.ts';

it('the published JSON Schema is the one of the code', async () => {
  const published: unknown = JSON.parse(
    await readFile(join(packageRoot(), 'schema', 'parity.lock.schema.json'), 'utf8'),
  );
  expect(published).toEqual(lockJsonSchema());
});

it("the reference lock is a lock as parity writes it, and pins the mission's toolchain", async () => {
  const text = await readFile(join(packageRoot(), 'parity.lock.json'), 'utf8');
  const lock = await parseLock(text);
  if (!lock.ok) throw new Error(lock.error.message);
  expect(formatLock(lock.value)).toBe(text);
  expect(lock.value.python.version).toMatch(/^3\.11\./);
  expect(lock.value.node?.version).toMatch(/^24\./);
  const pins = new Map(lock.value.python.packages.map(({ name, version }) => [name, version]));
  expect(pins.get('black')).toBe('25.9.0');
  expect(pins.get('flake8')).toBe('7.3.0');
  expect(pins.get('mypy')).toBe('1.18.2');
  expect(pins.get('sqlalchemy')).toBe('2.0.23');
  for (const name of ['pytest', 'pytest-cov', 'pytest-asyncio']) expect(pins.has(name)).toBe(true);
});
