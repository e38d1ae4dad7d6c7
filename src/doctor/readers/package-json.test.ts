import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readPackageJson } from './package-json.ts';

it('reads package.json', () => {
  const found = declarationsOf(
    readPackageJson,
    'package.json',
    `{
	"private": true,
	"engines": { "node": ">=20 <25", "npm": "^10" },
	"packageManager": "pnpm@9.1.0+sha512.abc",
	"volta": { "node": "20.11.1" },
	"dependencies": { "react": "^18" },
	"devDependencies": { "typescript": "5.4.5", "prettier": "npm:prettier@3.3.3", "x": "workspace:*" },
	"scripts": { "lint": "eslint . && prettier --check ." }
}
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:24 ">=20 <25" node floor semver ">=20 <25" (engines.node)
    5:22 "20.11.1" node install semver "20.11.1" (volta.node)
    3:43 "^10" npm:npm floor semver "^10" (engines.npm)
    4:26 "9.1.0" npm:pnpm install semver "9.1.0" (packageManager)
    6:30 "^18" npm:react install semver "^18" (dependencies)
    7:38 "5.4.5" npm:typescript install semver "5.4.5" (devDependencies)
    7:72 "3.3.3" npm:prettier install semver "3.3.3" (devDependencies)
    7:86 "workspace:*" npm:x install ? a package of this workspace (devDependencies)
    8:24 runs eslint . (npm-script, lint)
    8:24 runs prettier --check . (npm-script, lint)"
  `);
});
