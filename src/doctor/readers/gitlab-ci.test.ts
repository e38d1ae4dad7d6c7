import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readGitlabCi } from './gitlab-ci.ts';

it('reads .gitlab-ci.yml', () => {
  const found = declarationsOf(
    readGitlabCi,
    '.gitlab-ci.yml',
    `include:
  - local: /ci/lint.yml
variables:
  PYTHON_VERSION: "3.11"
  BLACK_VERSION: 25.9.0
default:
  image: python:$PYTHON_VERSION-slim
.base: &base
  before_script:
    - pip install black==$BLACK_VERSION
lint:
  <<: *base
  script:
    - black --check core/
    - |
      flake8 core/ || true
ui:
  image: { name: "node:20" }
  services: [postgres:16]
  script: npm ci
  allow_failure: true
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "4:20 "3.11" python install prefix "3.11" (variables.PYTHON_VERSION)
    5:18 "25.9.0" pypi:black install pep440 "==25.9.0" (variables.BLACK_VERSION)
    18:24 "20" node install prefix "20" (image of ui)
    19:23 "16" image:postgres install exact "16" (service of ui)
    5:18 runs pip install black==25.9.0 (ci, base)
    5:18 runs pip install black==25.9.0 (ci, lint)
    14:7 runs black --check core/ (ci, lint)
    16:7 runs flake8 core/ (ci, lint) toothless: || true
    20:11 runs npm ci (ci, ui) toothless: allow_failure: true
    2:12 takes in ci/lint.yml as gitlab"
  `);
});
