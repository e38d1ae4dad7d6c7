import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readPipfile } from './pipfile.ts';

it('reads Pipfile', () => {
  const found = declarationsOf(
    readPipfile,
    'Pipfile',
    `[packages]
requests = "*"
[dev-packages]
black = "==25.9.0"
mypy = {version = "~=1.18"}
[requires]
python_version = "3.11"
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:13 "*" pypi:requests install pep440 "" ([packages])
    4:10 "==25.9.0" pypi:black install pep440 "==25.9.0" ([dev-packages])
    5:20 "~=1.18" pypi:mypy install pep440 "~=1.18" ([dev-packages])
    7:19 "3.11" python install prefix "3.11" ([requires] python_version)"
  `);
});
