import { expect, test } from 'vitest';
import { pnpmGaps } from './pnpm-gaps.ts';

const brief = (manifest: object, lock: string, path = 'ui/package.json'): unknown =>
  pnpmGaps({
    manifest: { path, text: JSON.stringify(manifest, null, 2) },
    lock: { path: 'ui/pnpm-lock.yaml', text: lock },
  }).map(
    ({ name, raw, locked, span }) => `${span.line}:${span.column} ${name} ${raw || 'no more'} ${locked ?? 'missing'}`,
  );

const lock = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

overrides:
  lodash@<4: 4.17.21

importers:

  .:
    dependencies:
      react:
        specifier: ^18.0.0
        version: 18.3.1
      '@acme/kit':
        specifier: workspace:*
        version: link:packages/kit
      left-pad:
        specifier: 1.3.0
        version: 1.3.0
      typescript:
        specifier: '>=5'
        version: 5.9.2
    devDependencies:
      vite:
        specifier: ^6.0.0
        version: 6.3.5

  packages/kit:
    dependencies:
      react:
        specifier: ^17.0.0
        version: 17.0.2

packages:

  react@18.3.1:
    resolution: {integrity: sha512-x}
`;

test('a range that the lock file was not made for, one that it has not, and one that is asked for no more', () => {
  const manifest = {
    dependencies: { react: '^19.0.0', zod: '^4.0.0', '@acme/kit': 'workspace:*', lodash: '^3.0.0' },
    devDependencies: { vite: '^6.0.0' },
    peerDependencies: { typescript: '>=5' },
  };
  expect(brief(manifest, lock)).toEqual([
    '3:15 react ^19.0.0 ^18.0.0',
    '4:13 zod ^4.0.0 missing',
    '1:1 left-pad no more 1.3.0',
  ]);
});

test("a workspace's member is held against its own entry; a folder that the file does not know is not", () => {
  expect(brief({ dependencies: { react: '^17.0.0' } }, lock, 'ui/packages/kit/package.json')).toEqual([]);
  expect(brief({ dependencies: { react: '^18.0.0' } }, lock, 'ui/packages/kit/package.json')).toEqual([
    '3:15 react ^18.0.0 ^17.0.0',
  ]);
  expect(brief({ dependencies: { react: '^18.0.0' } }, lock, 'ui/other/package.json')).toEqual([]);
});

test('the files of older pnpms, and what changes manifests first', () => {
  const seven = 'lockfileVersion: 5.4\n\nspecifiers:\n  vite: ^5.0.0\n\ndevDependencies:\n  vite: 5.4.0\n';
  const eight = "lockfileVersion: '6.0'\n\ndependencies:\n  vite:\n    specifier: ^5.0.0\n    version: 5.4.0\n";
  const manifest = { devDependencies: { vite: '^6.0.0' } };
  expect(brief(manifest, seven)).toEqual(['3:14 vite ^6.0.0 ^5.0.0']);
  expect(brief(manifest, eight)).toEqual(['3:14 vite ^6.0.0 ^5.0.0']);
  expect(brief(manifest, `${eight}\npnpmfileChecksum: abc\n`)).toEqual([]);
  expect(brief(manifest, '<<<<<<<')).toEqual([]);
});
