import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readCompose } from './compose.ts';

it('reads compose.yml', () => {
  const found = declarationsOf(
    readCompose,
    'compose.yml',
    `services:
  app:
    build: { context: ., args: { PYTHON_VERSION: "3.12" } }
  ui:
    image: node:\${NODE_TAG:-22}-alpine
    environment: [ "PYTHON_VERSION=3.11.4" ]
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:51 "3.12" python install prefix "3.12" (app, PYTHON_VERSION)
    5:29 "22" node install prefix "22" (image of ui)
    6:36 "3.11.4" python install prefix "3.11.4" (ui, PYTHON_VERSION)"
  `);
});
