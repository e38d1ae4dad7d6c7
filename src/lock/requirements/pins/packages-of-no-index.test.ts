import { expect, it } from 'vitest';
import type { LockTool } from '../../../config/lock-source.ts';
import { lockSelection } from '../../../config/lock-source.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import { markerEnvironment, type PickLocked } from './locked-pins.ts';
import { pickPdm } from './pdm-lock.ts';
import { pickPipenv } from './pipfile-lock.ts';
import { pickPoetry } from './poetry-lock.ts';
import { pickPylock } from './pylock.ts';

const commit = 'f4aedefa17cdb4a98bfccaed5af36d7195264e7b';
const hash = 'sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254';
const repository = 'https://git.example/bare.git';
const wheel = 'https://b.test/six-1.16.0-py2.py3-none-any.whl';

// As poetry 2.5, pdm 2.29, Pipenv 2026 and uv 0.13 write them; the addresses are others.
const files: Readonly<Record<Exclude<LockTool, 'uv'>, readonly [file: string, text: string, pick: PickLocked]>> = {
  poetry: [
    'poetry.lock',
    `[[package]]
name = "gitpkg"
version = "1.2"
groups = ["main"]
files = []
develop = false

[package.source]
type = "git"
url = "${repository}"
reference = "main"
resolved_reference = "${commit}"
subdirectory = "sub"

[[package]]
name = "six"
version = "1.16.0"
groups = ["main"]
files = [
    {file = "six-1.16.0-py2.py3-none-any.whl", hash = "${hash}"},
]

[package.source]
type = "url"
url = "${wheel}"

[metadata]
lock-version = "2.1"
`,
    pickPoetry,
  ],
  pdm: [
    'pdm.lock',
    `[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]

[[package]]
name = "gitpkg"
version = "1.2"
subdirectory = "sub"
git = "${repository}"
ref = "main"
revision = "${commit}"
groups = ["default"]

[[package]]
name = "six"
version = "1.16.0"
url = "${wheel}"
groups = ["default"]
files = [
    {file = "six-1.16.0-py2.py3-none-any.whl", hash = "${hash}"},
]
`,
    pickPdm,
  ],
  pipenv: [
    'Pipfile.lock',
    JSON.stringify(
      {
        default: {
          gitpkg: { git: repository, ref: commit, subdirectory: 'sub' },
          six: { file: wheel, hashes: [hash] },
        },
      },
      null,
      4,
    ),
    pickPipenv,
  ],
  pylock: [
    'pylock.toml',
    `lock-version = "1.0"

[[packages]]
name = "gitpkg"
version = "1.2"
vcs = { type = "git", url = "${repository}", requested-revision = "main", commit-id = "${commit}", subdirectory = "sub" }

[[packages]]
name = "six"
version = "1.16.0"
archive = { url = "${wheel}", hashes = { sha256 = "${hash.slice(7)}" } }
`,
    pickPylock,
  ],
};

function lockOf(tool: Exclude<LockTool, 'uv'>, text: string): DependencyLock {
  const [file] = files[tool];
  const source = { tool, file, options: [] };
  const selection = lockSelection(source);
  if ('wrong' in selection) throw new Error('no selection');
  return { source, selection, file, text, manifests: new Map() };
}

const environment = markerEnvironment('linux/amd64', '3.11.2', { extras: [], groups: [] });

it.each(Object.keys(files) as (keyof typeof files)[])(
  '%s: a commit and a file are picked as they are locked',
  (tool) => {
    const [, text, pick] = files[tool];
    const { packages, problems } = pick(lockOf(tool, text), environment);
    expect(problems).toEqual([]);
    // Pipenv does not write the version.
    const version = (value: string): string => (tool === 'pipenv' ? '' : value);
    expect(packages).toEqual([
      { name: 'gitpkg', version: version('1.2'), hashes: [], source: { url: repository, commit, subdirectory: 'sub' } },
      { name: 'six', version: version('1.16.0'), hashes: [hash], source: { url: wheel } },
    ]);
  },
);

it.each(Object.keys(files) as (keyof typeof files)[])('%s: without a commit or a hash it is refused', (tool) => {
  const [file, text, pick] = files[tool];
  const loose = text.replaceAll(commit, 'main').replaceAll(hash, 'md5:1').replaceAll(hash.slice(7), 'none');
  const { packages, problems } = pick(lockOf(tool, loose), environment);
  expect(packages).toEqual([]);
  const next = {
    poetry: 'poetry lock',
    pdm: 'pdm lock',
    pipenv: 'pipenv lock',
    pylock: 'make it anew with the tool that wrote it',
  }[tool];
  expect(problems.map((each) => `${each.file}: ${each.message} → ${each.hint}`)).toEqual([
    `${file}: gitpkg comes from ${repository} without a commit: "main" is another commit tomorrow → ${next}, then: parity lock`,
    `${file}: six comes from ${wheel} without a hash: another file may lie there tomorrow → ${next}, then: parity lock`,
  ]);
});
