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
"aqua:astral-sh/ruff" = "0.6.1"
"asdf:mise-plugins/mise-poetry" = "2.1.0"
"pipx:psf/black" = "25.1.0"
"aqua:cli/cli" = "2.1"
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:12 "3.11" python install prefix "3.11" ([tools] python)
    2:20 "3.12" python support prefix "3.12" ([tools] python)
    3:9 "lts" node install ? a name that moves, or no version (lts) ([tools] node)
    4:17 "25.9.0" pypi:black install prefix "25.9.0" ([tools] pipx:black)
    5:31 "3" npm:prettier install prefix "3" ([tools] npm:prettier)
    6:26 "0.6.1" pypi:ruff install prefix "0.6.1" ([tools] aqua:astral-sh/ruff)
    7:36 "2.1.0" pypi:poetry install prefix "2.1.0" ([tools] asdf:mise-plugins/mise-poetry)
    8:21 "25.1.0" pypi:black install prefix "25.1.0" ([tools] pipx:psf/black)"
  `);
});
