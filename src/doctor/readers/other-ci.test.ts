import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readAzurePipelines, readCircleCi, readReadTheDocs, readTravis } from './other-ci.ts';

it('reads .readthedocs.yaml', () => {
  const found = declarationsOf(
    readReadTheDocs,
    '.readthedocs.yaml',
    `version: 2
build:
  os: ubuntu-22.04
  tools: { python: "3.11", nodejs: "20" }
python:
  install:
    - requirements: docs/requirements.txt
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "4:21 "3.11" python install prefix "3.11" (build.tools.python)
    4:37 "20" node install prefix "20" (build.tools.nodejs)
    7:21 takes in docs/requirements.txt as requirements"
  `);
});

it('reads .circleci/config.yml', () => {
  const found = declarationsOf(
    readCircleCi,
    '.circleci/config.yml',
    `version: 2.1
jobs:
  test:
    docker: [{ image: "cimg/python:3.11.4" }]
    steps:
      - checkout
      - run: { name: x, command: "pip install black==25.9.0" }
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "4:36 "3.11.4" python install prefix "3.11.4" (image of test)
    7:52 "==25.9.0" pypi:black install pep440 "==25.9.0" (pip install)
    7:35 runs pip install black==25.9.0 (ci, test)"
  `);
});

it('reads .travis.yml', () => {
  const found = declarationsOf(
    readTravis,
    '.travis.yml',
    `language: python
python: ["3.9", "3.10"]
install: pip install mypy==1.0
script:
  - pytest
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:11 "3.9" python support prefix "3.9" (python)
    2:18 "3.10" python support prefix "3.10" (python)
    3:26 "==1.0" pypi:mypy install pep440 "==1.0" (pip install)
    3:10 runs pip install mypy==1.0 (ci, install)
    5:5 runs pytest (ci, script)"
  `);
});

it('reads azure-pipelines.yml', () => {
  const found = declarationsOf(
    readAzurePipelines,
    'azure-pipelines.yml',
    `strategy:
  matrix:
    py39: { python.version: "3.9" }
steps:
  - task: UsePythonVersion@0
    inputs: { versionSpec: "$(python.version)" }
  - script: pip install flake8==7.3.0
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:30 "3.9" python support prefix "3.9" (matrix python.version)
    7:31 "==7.3.0" pypi:flake8 install pep440 "==7.3.0" (pip install)
    7:13 runs pip install flake8==7.3.0 (ci, script)"
  `);
});

it('reads the images of Azure’s containers, in the resources and at jobs', () => {
  const found = declarationsOf(
    readAzurePipelines,
    'azure-pipelines.yml',
    `resources:
  containers:
    - container: c
      image: python:3.7
    - container: tools
      image: ghcr.io/astral-sh/uv:0.9.1-python3.12-alpine
jobs:
  - job: a
    container: c
  - job: b
    container: python:3.8-slim
  - job: d
    container:
      image: node:22
  - job: e
    container: \${{ parameters.image }}
`,
  );
  expect(describeDeclarations(found)).toBe(
    [
      '4:21 "3.7" python install prefix "3.7" (image of the container c)',
      '6:47 "3.12" python install prefix "3.12" (image of the container tools)',
      '11:23 "3.8" python install prefix "3.8" (container)',
      '14:19 "22" node install prefix "22" (container)',
    ].join('\n'),
  );
});
