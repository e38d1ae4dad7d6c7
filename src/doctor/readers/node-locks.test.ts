import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readNpmLock, readPnpmLock, readYarnLock } from './node-locks.ts';

it('reads pnpm-lock.yaml', () => {
  const found = declarationsOf(
    readPnpmLock,
    'pnpm-lock.yaml',
    `lockfileVersion: "9.0"

importers:

  .:
    devDependencies:
      typescript:
        specifier: ^5.4.0
        version: 5.4.5
      '@types/node':
        specifier: ^20
        version: 20.1.0(x@1)

packages:

  typescript@5.4.5:
    resolution: {integrity: sha512-x}
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "9:18 "5.4.5" npm:typescript locked exact "5.4.5" (the lock file)
    12:18 "20.1.0" npm:@types/node locked exact "20.1.0" (the lock file)"
  `);
});

it('reads yarn.lock', () => {
  const found = declarationsOf(
    readYarnLock,
    'yarn.lock',
    `# yarn lockfile v1


prettier@^3.0.0:
  version "3.3.3"
  resolved "x"

"@babel/core@npm:^7":
  version: 7.1.0
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "5:12 "3.3.3" npm:prettier locked exact "3.3.3" (the lock file)
    9:12 "7.1.0" npm:@babel/core locked exact "7.1.0" (the lock file)"
  `);
});

it('reads package-lock.json', () => {
  const found = declarationsOf(
    readNpmLock,
    'package-lock.json',
    `{"lockfileVersion":3,"packages":{"":{"name":"x"},"node_modules/typescript":{"version":"5.4.5"},"node_modules/a/node_modules/typescript":{"version":"4.0.0"}}}`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(
    `"1:88 "5.4.5" npm:typescript locked exact "5.4.5" (the lock file)"`,
  );
});
