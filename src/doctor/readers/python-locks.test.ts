import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readTomlLock } from './python-locks.ts';

it('reads uv.lock', () => {
  const found = declarationsOf(
    readTomlLock,
    'uv.lock',
    `version = 1
requires-python = ">=3.11"

[[package]]
name = "black"
version = "25.9.0"
source = { registry = "x" }

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:20 ">=3.11" python floor pep440 ">=3.11" (requires-python of the lock file)
    6:12 "25.9.0" pypi:black locked exact "25.9.0" (the lock file)"
  `);
});
