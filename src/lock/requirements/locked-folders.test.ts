import { expect, it } from 'vitest';
import { lockSelection, lockSource } from '../../config/lock-source.ts';
import { installedFolders } from './locked-folders.ts';

function folders(sourceText: string, text: string): readonly string[] {
  const source = lockSource(sourceText);
  const selection = source === undefined ? undefined : lockSelection(source);
  if (source === undefined || selection === undefined || 'wrong' in selection) throw new Error(sourceText);
  const lock = { source, selection, file: source.file, text, manifests: new Map<string, string>() };
  return installedFolders(lock).map(({ path, isAsked }) => `${path}${isAsked ? ' asked' : ''}`);
}

const workspace = `[[package]]
name = "app"
source = { virtual = "." }
dependencies = [
    { name = "core" },
]

[package.metadata]
requires-dist = [{ name = "tools", marker = "extra == 'x'" }]

[[package]]
name = "core"
source = { editable = "packages/core" }
dependencies = [
    { name = "base" },
]

[[package]]
name = "base"
source = { directory = "../base" }

[[package]]
name = "tools"
source = { editable = "packages/tools" }
`;

it.each([
  ['uv.lock', workspace, ['.', 'packages/core', '../base']],
  ['uv.lock --all-packages', workspace, ['.', 'packages/core', '../base', 'packages/tools']],
  ['uv.lock --package tools', workspace, ['packages/tools']],
  ['uv.lock --only-group lint', workspace, []],
  ['api/uv.lock', workspace, ['api', 'api/packages/core', 'base']],
  ['poetry.lock', '[package.source]\ntype = "directory"\nurl = "libs/core"\n', ['.', 'libs/core asked']],
  ['poetry.lock --only dev', '', []],
  ['api/pdm.lock', 'path = "./core"\npath = "./wheels/x-1-py3-none-any.whl"\n', ['api', 'api/core asked']],
  [
    'Pipfile.lock',
    '{\n    "default": {\n        "shop": {\n            "editable": true,\n            "path": "."\n        }\n    }\n}\n',
    ['. asked'],
  ],
  ['pylock.toml', '[[packages]]\nname = "shop"\ndirectory = { path = "core", editable = true }\n', ['core asked']],
])('%s installs the packages of these folders', (source, text, expected) => {
  expect(folders(source, text)).toEqual(expected);
});
