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

it('reads a file of the first version, whose services stand at the top', () => {
  const found = declarationsOf(
    readCompose,
    'docker-compose.yml',
    'web:\n  build: .\n  environment:\n    PYTHON_VERSION: "3.11"\nui:\n  image: node:22\nx-common:\n  image: node:18\n',
  );
  expect(describeDeclarations(found)).toBe(
    [
      '4:22 "3.11" python install prefix "3.11" (web, PYTHON_VERSION)',
      '6:15 "22" node install prefix "22" (image of ui)',
    ].join('\n'),
  );
  expect(declarationsOf(readCompose, 'compose.yml', 'version: "3"\nweb:\n  image: node:22\n').declarations).toEqual([]);
});
