import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { failure } from '../core/failure.ts';
import type { LockedPythonPackage } from '../lock/lock.ts';
import { withAsker } from './asked-package.ts';

const dir = mkdtempSync(join(tmpdir(), 'parity asked-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
writeFileSync(
  join(dir, 'requirements.txt'),
  '# not psycopg2 as such\npytest==8.4.2\nPsycopg2[pool] == 2.9.10  # the driver\n',
);
writeFileSync(
  join(dir, 'pyproject.toml'),
  '[project]\nname = "acme"\ndependencies = [\n  "my.sql-client>=1",\n]\n[dependency-groups]\ndev = ["lint"]\n',
);
writeFileSync(join(dir, 'parity.yaml'), 'version: 1\ntoolchain:\n  tools: [black==25.9.0, fast-lint==1.0]\n');

function place(said: string, packages: readonly (readonly [name: string, ...via: string[]])[]): string | undefined {
  const python = {
    packages: packages.map(([name, ...via]): LockedPythonPackage => ({ name, version: '1', hashes: [], via })),
  };
  const { diagnostics } = withAsker(failure('image-build-failed', said), { python } as never, dir);
  const [one] = diagnostics ?? [];
  return one === undefined ? undefined : `${one.file}:${one.span.line}:${one.span.column}: ${one.message}`;
}

it.each([
  ['psycopg2==2.9.10', [['psycopg2', 'requirements.txt']], 'requirements.txt:3:1: psycopg2 has no wheel that fits'],
  [
    'c-ext==1',
    [
      ['c-ext', 'my-sql-client', 'other'],
      ['other', 'nowhere.txt'],
      ['my-sql-client', 'pyproject.toml'],
    ],
    'pyproject.toml:4:4: my-sql-client requires c-ext, which has no wheel that fits',
  ],
  ['fast_lint==1.0', [['fast-lint', 'toolchain.tools']], 'parity.yaml:3:26: fast-lint has no wheel that fits'],
  // A circle, and a package that nobody asks for by name.
  [
    'a==1',
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    undefined,
  ],
] as const)(
  'a package that could not be built is told at the requirement that brings it: %s',
  (name, packages, said) => {
    expect(place(`${name} could not be built from its source: it needs zlib.h`, packages)).toBe(said);
  },
);

it('leaves other failures as they are', () => {
  const lock = { python: { packages: [] } } as never;
  for (const found of [
    failure('network', 'x==1 could not be built from its source'),
    failure('image-build-failed', 'no'),
  ])
    expect(withAsker(found, lock, dir)).toBe(found);
});
