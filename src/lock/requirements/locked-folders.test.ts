import { expect, it } from 'vitest';
import { lockSelection, lockSource } from '../../config/lock-source.ts';
import { installedFolders } from './locked-folders.ts';

function folders(sourceText: string, text: string): readonly string[] {
  const source = lockSource(sourceText);
  const selection = source === undefined ? undefined : lockSelection(source);
  if (source === undefined || selection === undefined || 'wrong' in selection) throw new Error(sourceText);
  const lock = { source, selection, file: source.file, text, manifests: new Map<string, string>() };
  return installedFolders(lock).map(
    ({ path, isAsked, isEditable }) => `${path}${isAsked ? ' asked' : ''}${isEditable ? '' : ' wheel'}`,
  );
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

const directory = '[package.source]\ntype = "directory"\nurl = "libs/core"\n';

it.each([
  ['uv.lock', workspace, ['.', 'packages/core', '../base wheel']],
  ['uv.lock --no-install-project', workspace, ['packages/core', '../base wheel']],
  ['uv.lock --no-install-workspace', workspace, []],
  ['uv.lock --no-editable', workspace, ['. wheel', 'packages/core wheel', '../base wheel']],
  ['uv.lock --all-packages', workspace, ['.', 'packages/core', '../base wheel', 'packages/tools']],
  ['uv.lock --package tools', workspace, ['packages/tools']],
  ['uv.lock --only-group lint', workspace, []],
  ['api/uv.lock', workspace, ['api', 'api/packages/core', 'base wheel']],
  ['poetry.lock', directory, ['.', 'libs/core asked wheel']],
  ['poetry.lock --no-root', `[[package]]\nname = "core"\ndevelop = true\n\n${directory}`, ['libs/core asked']],
  // Poetry installs the project itself unless it is told not to.
  ['poetry.lock --only dev', '', ['.']],
  ['pdm.lock --no-self', '[[package]]\nname = "core"\neditable = true\npath = "./core"\n', ['core asked']],
  ['api/pdm.lock', 'path = "./core"\npath = "./wheels/x-1-py3-none-any.whl"\n', ['api', 'api/core asked wheel']],
  [
    'Pipfile.lock',
    '{\n    "default": {\n        "shop": {\n            "editable": true,\n            "path": "."\n        }\n    }\n}\n',
    ['. asked'],
  ],
  ['pylock.toml', '[[packages]]\nname = "shop"\ndirectory = { path = "core", editable = true }\n', ['core asked']],
])('%s installs the packages of these folders', (source, text, expected) => {
  expect(folders(source, text)).toEqual(expected);
});
