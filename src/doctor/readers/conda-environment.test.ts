import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readCondaEnvironment } from './conda-environment.ts';

it('reads environment.yml', () => {
  const found = declarationsOf(
    readCondaEnvironment,
    'environment.yml',
    `name: x
dependencies:
  - python=3.11
  - nodejs=20
  - conda-forge::black=25.9.0=py311_0
  - pip:
      - mypy==1.18.2
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "3:12 "3.11" python install prefix "3.11" (a conda dependency)
    4:12 "20" node install prefix "20" (a conda dependency)
    5:24 "25.9.0" pypi:black install prefix "25.9.0" (a conda dependency)
    7:13 "==1.18.2" pypi:mypy install pep440 "==1.18.2" (a pip dependency of conda)"
  `);
});
