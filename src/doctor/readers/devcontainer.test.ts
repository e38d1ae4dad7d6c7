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

it('reads the arguments of a build: a version by its name, the tag of the base image by what the container is for', () => {
  const read = (text: string): string =>
    describeDeclarations(declarationsOf(readDevcontainer, 'devcontainer.json', text));
  expect(read('{"name": "Python 3", "build": {"args": {"VARIANT": "3.10-bullseye", "NODE_VERSION": "22"}}}')).toBe(
    [
      '1:53 "3.10" python install prefix "3.10" (build.args.VARIANT)',
      '1:86 "22" node install prefix "22" (build.args.NODE_VERSION)',
    ].join('\n'),
  );
  expect(read('{"name": "Ruby", "build": {"args": {"VARIANT": "3.2"}}}')).toBe('');
});
