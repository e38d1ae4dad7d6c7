import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readSetupPy } from './setup-py.ts';

it('reads setup.py', () => {
  const found = declarationsOf(
    readSetupPy,
    'setup.py',
    `from setuptools import setup
setup(name="x", python_requires=">=3.9", install_requires=["sqlalchemy>=2", "requests"], extras_require={"dev": ["black==25.9.0", 'mypy>=1']},
      classifiers=["Programming Language :: Python :: 3.11"])
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:34 ">=3.9" python floor pep440 ">=3.9" (setup() python_requires)
    2:71 ">=2" pypi:sqlalchemy library pep440 ">=2" (setup() install_requires)
    2:78 "requests" pypi:requests library pep440 "" (setup() install_requires)
    2:120 "==25.9.0" pypi:black install pep440 "==25.9.0" (setup() extras_require dev)
    2:136 ">=1" pypi:mypy install pep440 ">=1" (setup() extras_require dev)
    3:55 "3.11" python support prefix "3.11" (a classifier)"
  `);
});
