import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readDevcontainer } from './devcontainer.ts';

it('reads .devcontainer/devcontainer.json', () => {
  const found = declarationsOf(
    readDevcontainer,
    '.devcontainer/devcontainer.json',
    `{
  // the image
  "image": "mcr.microsoft.com/devcontainers/python:1-3.11-bookworm",
  "features": { "ghcr.io/devcontainers/features/node:1": { "version": "20" }, },
  "postCreateCommand": "pip install black==25.9.0 && npm ci"
}
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:54 "3.11" python install prefix "3.11" (image)
    4:72 "20" node install prefix "20" (features, node)
    5:42 "==25.9.0" pypi:black install pep440 "==25.9.0" (pip install)"
  `);
});
