import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readSetupCfg } from './setup-cfg.ts';

it('reads setup.cfg', () => {
  const found = declarationsOf(
    readSetupCfg,
    'setup.cfg',
    `[metadata]
name=x
classifiers =
    Programming Language :: Python :: 3.11
[options]
python_requires = >=3.9
install_requires =
    sqlalchemy>=2
[options.extras_require]
dev =
    black==25.9.0
[mypy]
python_version = 3.10
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "4:39 "3.11" python support prefix "3.11" (a classifier)
    6:19 ">=3.9" python floor pep440 ">=3.9" ([options] python_requires)
    8:15 ">=2" pypi:sqlalchemy library pep440 ">=2" ([options] install_requires)
    11:10 "==25.9.0" pypi:black install pep440 "==25.9.0" ([options.extras_require] dev)
    13:18 "3.10" python target prefix "3.10" ([mypy] python_version)"
  `);
});
