import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readMiseToml } from './mise-toml.ts';

it('reads mise.toml', () => {
  const found = declarationsOf(
    readMiseToml,
    'mise.toml',
    `[tools]
python = ["3.11", "3.12"]
node = "lts"
"pipx:black" = "25.9.0"
"npm:prettier" = { version = "3" }
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:12 "3.11" python install prefix "3.11" ([tools] python)
    2:20 "3.12" python support prefix "3.12" ([tools] python)
    3:9 "lts" node install ? a name that moves, or no version (lts) ([tools] node)
    4:17 "25.9.0" pypi:black install prefix "25.9.0" ([tools] pipx:black)
    5:31 "3" npm:prettier install prefix "3" ([tools] npm:prettier)"
  `);
});
