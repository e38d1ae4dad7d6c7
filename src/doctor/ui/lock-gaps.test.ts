import { expect, test } from 'vitest';
import { lockGaps } from './lock-gaps.ts';

const brief = (manifest: object, lock: object, paths = ['ui/package.json', 'ui/package-lock.json']): unknown =>
  lockGaps({
    manifest: { path: paths[0] ?? '', text: JSON.stringify(manifest, null, 2) },
    lock: { path: paths[1] ?? '', text: JSON.stringify(lock) },
  }).map(({ name, raw, locked, span }) => `${span.line}:${span.column} ${name} ${raw} ${locked ?? 'missing'}`);

const lock = {
  lockfileVersion: 3,
  packages: {
    '': { dependencies: { react: '^18.0.0' } },
    'node_modules/react': { version: '18.3.1' },
    'node_modules/vite': { version: '6.3.5' },
    'node_modules/@acme/kit': { resolved: 'packages/kit', link: true },
    'node_modules/our-prettier': { name: 'prettier', version: '3.3.3' },
    'packages/kit': { version: '1.0.0' },
    'packages/kit/node_modules/react': { version: '17.0.2' },
  },
};

test('a dependency that the lock file has at another version, or not at all, is one that npm ci refuses', () => {
  const manifest = {
    dependencies: { react: '^19.0.0', lodash: '^4.17.21', '@acme/kit': '*', 'our-prettier': 'npm:prettier@^3.0.0' },
    devDependencies: { vite: '^6.0.0' },
    optionalDependencies: { fsevents: '~2.3.3' },
  };
  expect(brief(manifest, lock)).toEqual([
    '3:15 react ^19.0.0 18.3.1',
    '4:16 lodash ^4.17.21 missing',
    '12:18 fsevents ~2.3.3 missing',
  ]);
});

test('what npm takes, this takes: another range that the locked version satisfies, tags, addresses, overrides', () => {
  const manifest = {
    dependencies: { react: '>=18', vite: 'latest' },
    overrides: { lodash: '4.17.21' },
    devDependencies: { lodash: '^3.0.0' },
  };
  expect(brief(manifest, lock)).toEqual([]);
  expect(brief({ dependencies: { vite: 'github:vitejs/vite' } }, lock)).toEqual([]);
});

test("a workspace's package is held against its root's lock file, with its own versions first; a stranger's is not", () => {
  const manifest = { dependencies: { react: '^18.0.0', vite: '^6.0.0' } };
  const at = (path: string): string[] => [path, 'package-lock.json'];
  expect(brief(manifest, lock, at('packages/kit/package.json'))).toEqual(['3:15 react ^18.0.0 17.0.2']);
  expect(brief(manifest, lock, at('packages/other/package.json'))).toEqual([]);
});

test('a lock file of version 1, and files that are no JSON', () => {
  const old = { lockfileVersion: 1, dependencies: { react: { version: '16.0.0' } } };
  expect(brief({ dependencies: { react: '^16.0.0', vite: '*' } }, old)).toEqual(['4:14 vite * missing']);
  const broken = {
    manifest: { path: 'package.json', text: '{' },
    lock: { path: 'package-lock.json', text: '<<<<<<<' },
  };
  expect(lockGaps(broken)).toEqual([]);
});
