import { expect, test } from 'vitest';
import { fetchingBuild } from './build-network.ts';

function why(files: Readonly<Record<string, string>>, folders: readonly string[] = ['.']): string | undefined {
  return fetchingBuild(folders, (path) => files[path])?.why;
}

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  [
    'a backend that installs what a front end needs',
    { 'pyproject.toml': '[build-system]\nrequires = ["hatchling>=1.5", "jupyter_packaging~=0.12"]\n' },
    'pyproject.toml: jupyter-packaging installs what the front end needs',
  ],
  [
    'a hook of hatch',
    { 'pyproject.toml': '[tool.hatch.build.hooks.jupyter-builder]\ndependencies = ["hatch-jupyter-builder>=0.5"]\n' },
    'pyproject.toml: hatch-jupyter-builder installs what the front end needs',
  ],
  [
    'commands of a hook',
    { 'pyproject.toml': '[[tool.hatch.build.hooks.build-scripts.scripts]]\ncommands = ["npm ci", "npm run build"]\n' },
    'pyproject.toml: a build script starts npm',
  ],
  [
    'a hook in a file of its own',
    {
      'pyproject.toml': '[tool.hatch.build.hooks.custom]\n',
      'hatch_build.py': 'import subprocess\nsubprocess.run(["yarn", "install"], check=True)\n',
    },
    'hatch_build.py starts yarn',
  ],
  [
    'a hook of one target',
    {
      'pyproject.toml': '[tool.hatch.build.targets.wheel.hooks.custom]\npath = "tools/build.py"\n',
      'tools/build.py': 'def command() -> list[str]:\n    return ["bun", "install"]\n',
    },
    'tools/build.py starts bun',
  ],
  ['a line of a shell', { 'setup.py': "os.system('pnpm install --frozen-lockfile')\n" }, 'setup.py starts pnpm'],
  ['a download', { 'setup.py': 'data = urlopen(source).read()\n' }, 'setup.py downloads'],
  [
    'words of a description are no commands',
    {
      'setup.py':
        '# run "npm ci" before\nsetup(name="x", description="Talks to npm and yarn", url="https://npm.example")\n',
    },
    undefined,
  ],
  ['nothing', { 'pyproject.toml': '[build-system]\nrequires = ["setuptools"]\n', 'setup.py': 'setup()\n' }, undefined],
])('%s', (_, files, expected) => {
  expect(why(files)).toBe(expected);
});

test('each package of the repository is looked at', () => {
  const files = { 'packages/ui/setup.py': 'check_call(["npm", "ci"])\n' };
  expect([why(files), why(files, ['.', 'packages/ui'])]).toEqual([undefined, 'packages/ui/setup.py starts npm']);
});
