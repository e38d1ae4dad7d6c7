import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import { normalisedName } from '../../src/formats/package-name.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll } from '../support/environment.ts';
import { lockTools } from '../support/lock-tools.ts';
import { parity, type Ended } from '../support/parity.ts';
import { indexAddresses } from '../support/real/index-addresses.ts';
import { addFiles, type Tree } from '../support/repo.ts';

/*
 * Each project is locked and installed by its own tool on the host, and locked by parity. The two must hold the same versions. The tools come
 * from the package index, each in an environment of its own.
 */

const { address, folder, test } = engineTest();

const tools = lockTools();
const { tool, run } = tools;
afterAll(() => tools.remove());

const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
  encoding: 'utf8',
}).trim();

function project(files: Tree, requirements: readonly string[], more: readonly string[] = []): string {
  const dir = folder('locked');
  addFiles(dir, {
    ...files,
    'parity.yaml': `version: 1\ntoolchain:\n  python: "${version}"\n  tools: [${more.join(', ')}]\n  requirements: ${JSON.stringify(requirements)}\nimage:\n  base: debian\npipeline:\n  - { name: tests, run: "true" }\n`,
  });
  return dir;
}

/** What the venv of a folder holds, `name==version`, without the repository's own packages and what every venv is born with. */
async function installed(dir: string, own: readonly string[] = []): Promise<readonly string[]> {
  const list = `import importlib.metadata as m; print("\\n".join(f"{d.name}=={d.version}" for d in m.distributions()))`;
  const said = await run(dir, join(dir, '.venv', 'bin', 'python'), '-c', list);
  const lines = said.trim().split('\n');
  const born = new Set(['pip', 'setuptools', 'wheel', ...own]);
  return [...new Set(lines.map((line) => line.replace(/^[^=]+/, normalisedName)))]
    .filter((line) => !born.has(line.replace(/==.*/, '')))
    .sort();
}

function parityLock(dir: string, ...args: readonly string[]): Promise<Ended> {
  commitAll(dir);
  return parity(['lock', ...args], { cwd: dir, env: { DOCKER_HOST: address } });
}

function lockOf(dir: string): Lock {
  return JSON.parse(readFileSync(join(dir, 'parity.lock.json'), 'utf8')) as Lock;
}

/** What parity's lock holds for a machine. */
function locked(dir: string, machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'): readonly string[] {
  return lockOf(dir)
    .python.packages.filter(({ marker }) => marker === undefined || marker.includes(machine))
    .map((each) => `${each.name}==${each.version}`)
    .sort();
}

async function mustLock(dir: string): Promise<void> {
  const ended = await parityLock(dir);
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({ code: 0, stderr: '' });
}

const uvProject = `[project]
name = "shop"
version = "1.0"
requires-python = ">=${version}"
dependencies = ["packaging<25", "core", "colorama; sys_platform == 'win32'", "idna; platform_machine == 'aarch64'"]
[project.optional-dependencies]
cli = ["click<8.2"]
docs = ["markdown"]
[dependency-groups]
dev = ["pytest<8.3", { include-group = "lint" }]
lint = ["attrs<25"]
site = ["six"]
[tool.uv]
override-dependencies = ["pluggy==1.4.0"]
[tool.uv.sources]
core = { workspace = true }
[tool.uv.workspace]
members = ["packages/*"]
`;
const uvFiles = {
  'pyproject.toml': uvProject,
  'packages/core/pyproject.toml': `[project]\nname = "core"\nversion = "0.1"\nrequires-python = ">=${version}"\ndependencies = ["iniconfig<2.1"]\n`,
  'packages/cli/pyproject.toml': `[project]\nname = "cli"\nversion = "0.1"\nrequires-python = ">=${version}"\ndependencies = ["tomli-w<1.2"]\n`,
};

describe('uv.lock', () => {
  test.each([[''], ['--extra cli --group site'], ['--no-dev --all-packages'], ['--only-group lint']])(
    'with "%s" is as uv sync installs it',
    async (options) => {
      const words = options.split(' ').filter((word) => word !== '');
      const dir = project(uvFiles, [['uv.lock', ...words].join(' ')]);
      const uv = tool('uv');
      await run(dir, uv, 'lock', '--quiet');
      await mustLock(dir);
      await run(dir, uv, 'sync', '--quiet', '--frozen', '--python', version, ...words);
      expect(locked(dir)).toEqual(await installed(dir, ['shop', 'core', 'cli']));
      const other = process.arch === 'arm64' ? 'x86_64' : 'aarch64';
      const isIdnaThere = (machine: string): boolean => locked(dir, machine).some((one) => one.startsWith('idna=='));
      expect([isIdnaThere('aarch64'), isIdnaThere('x86_64'), locked(dir, other).length > 0]).toEqual([
        !options.includes('--only-group'),
        false,
        true,
      ]);
    },
  );

  test('limits the tools; one that contradicts it is told with both places, one that it holds is moved by uv', async () => {
    const dir = project(uvFiles, ['uv.lock'], ['pytest', 'black==24.10.0']);
    await run(dir, tool('uv'), 'lock', '--quiet');
    await mustLock(dir);
    expect(locked(dir)).toEqual(expect.arrayContaining([expect.stringMatching(/^pytest==8\.2\./), 'black==24.10.0']));
    const moved = await parityLock(dir, '--upgrade', 'pytest');
    expect(moved.code).toBe(2);
    expect(moved.stderr).toMatch(/pytest 8\.2\.\d is as uv\.lock:\d+ has it, and its own tool moves it/);
    expect(moved.stderr).toContain('uv lock --upgrade-package pytest, then: parity lock');
    writeFileSync(
      join(dir, 'parity.yaml'),
      readFileSync(join(dir, 'parity.yaml'), 'utf8').replace('pytest,', 'pytest==8.4.2,'),
    );
    const refused = await parityLock(dir);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/parity\.yaml:\d+ asks pytest==8\.4\.2, uv\.lock:\d+ limits pytest==8\.2\.\d/);
  });

  test('of another pyproject.toml is refused, as uv sync --locked refuses it, and noticed without an engine', async () => {
    const dir = project(uvFiles, ['uv.lock']);
    const uv = tool('uv');
    await run(dir, uv, 'lock', '--quiet');
    await mustLock(dir);
    addFiles(dir, { 'pyproject.toml': uvProject.replace('packaging<25', 'packaging<24') });
    await expect(run(dir, uv, 'sync', '--locked')).rejects.toThrow('--locked');
    const check = await parityLock(dir, '--check');
    expect([check.code, check.stdout]).toEqual([
      1,
      'parity.lock.json is stale:\n  pyproject.toml changed\nRun: parity lock\n',
    ]);
    const told = await parityLock(dir);
    expect(told.code).toBe(2);
    expect(told.stderr).toContain('pyproject.toml:5: uv.lock was made for packaging<25, not packaging<24');
    // A name that is not in it is told without uv.
    addFiles(dir, { 'pyproject.toml': uvProject.replace('"core",', '"core", "zipp",') });
    await expect(run(dir, uv, 'sync', '--locked')).rejects.toThrow('--locked');
    const ended = await parityLock(dir, '--check');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('a lock file is stale: pyproject.toml:5: uv.lock does not have zipp');
    expect(ended.stderr).toContain('uv lock, and commit uv.lock');
    await run(dir, uv, 'lock', '--quiet');
    await mustLock(dir);
    expect(locked(dir).some((one) => one.startsWith('zipp=='))).toBe(true);
  });
});

const poetryProject = (): string => `[tool.poetry]
name = "shop"
version = "1.0"
description = ""
authors = []
package-mode = false
[[tool.poetry.source]]
name = "simple"
url = "${indexAddresses(tool('uv'), process.env)['https://index.example/simple']}/"
priority = "primary"
[tool.poetry.dependencies]
python = "^${version}"
packaging = "<25"
requests = { version = "<2.32", extras = ["socks"] }
colorama = { version = "*", markers = "sys_platform == 'win32'" }
idna = { version = "*", markers = "platform_machine == 'aarch64'" }
click = { version = "<8.2", optional = true }
[tool.poetry.extras]
cli = ["click"]
[tool.poetry.group.dev.dependencies]
pytest = "<8.3"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
markdown = "<3.6"
`;

describe.each([
  ['poetry.lock', ['poetry>=2.1']],
  ['poetry.lock before groups', ['poetry<1.9', 'virtualenv<20.27']],
])('%s', (_, pins) => {
  test.each([[''], ['--with docs --extras cli'], ['--only main']])(
    'with "%s" is as poetry installs it',
    async (options) => {
      const words = options.split(' ').filter((word) => word !== '');
      const dir = project({ 'pyproject.toml': poetryProject() }, [['poetry.lock', ...words].join(' ')]);
      const poetry = tool('poetry', ...pins);
      await run(dir, poetry, 'lock', '--no-interaction');
      await mustLock(dir);
      await run(dir, poetry, 'install', '--no-interaction', ...words);
      expect(locked(dir)).toEqual(await installed(dir));
    },
  );

  test('of another pyproject.toml is refused without an engine', async () => {
    const dir = project({ 'pyproject.toml': poetryProject() }, ['poetry.lock']);
    const poetry = tool('poetry', ...pins);
    await run(dir, poetry, 'lock', '--no-interaction');
    addFiles(dir, { 'pyproject.toml': poetryProject().replace('packaging =', 'attrs = "*"\npackaging =') });
    await expect(run(dir, poetry, 'check', '--lock')).rejects.toThrow();
    commitAll(dir);
    const ended = await parity(['lock'], { cwd: dir, env: { DOCKER_HOST: 'unix:///nonexistent/engine.sock' } });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/pyproject\.toml:\d+:\d+: error: poetry\.lock .*attrs/);
    expect(ended.stderr).toContain('poetry lock, and commit poetry.lock');
  });
});

// pdm 2.29 does not know hishel 2.
const pdmPins = ['pdm', 'hishel[httpx2]<2'];
const pdmProject = `[project]
name = "shop"
version = "1.0"
requires-python = ">=${version}"
dependencies = ["packaging<25", "requests[socks]<2.32", "colorama; sys_platform == 'win32'"]
[project.optional-dependencies]
cli = ["click<8.2"]
[dependency-groups]
test = ["pytest<8.3"]
lint = ["attrs<25"]
[tool.pdm]
distribution = false
`;

describe.each([
  ['pdm.lock', []],
  ['pdm.lock without inherited metadata', ['-S', 'no_inherit_metadata']],
])('%s', (_, strategy) => {
  test.each([[''], ['-G test'], ['--prod'], ['-G cli --no-default']])(
    'with "%s" is as pdm installs it',
    async (options) => {
      const words = options.split(' ').filter((word) => word !== '');
      const dir = project({ 'pyproject.toml': pdmProject }, [['pdm.lock', ...words].join(' ')]);
      const pdm = tool('pdm', ...pdmPins);
      await run(dir, pdm, 'lock', '--group', ':all', ...strategy);
      await mustLock(dir);
      await run(dir, pdm, 'sync', '--clean', '--no-self', ...words);
      expect(locked(dir)).toEqual(await installed(dir));
    },
  );
});

test('pdm.lock of another pyproject.toml is refused', async () => {
  const dir = project({ 'pyproject.toml': pdmProject }, ['pdm.lock']);
  await run(dir, tool('pdm', ...pdmPins), 'lock');
  addFiles(dir, { 'pyproject.toml': pdmProject.replace('"packaging<25"', '"packaging<24"') });
  await expect(run(dir, tool('pdm', ...pdmPins), 'lock', '--check')).rejects.toThrow();
  const ended = await parityLock(dir);
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('pdm lock, and commit pdm.lock')]);
});

// Pipenv takes its own default source.
const pipfile = `[packages]
packaging = "<25"
requests = { version = "<2.32", extras = ["socks"] }

[dev-packages]
pytest = "<8.3"
`;

describe('Pipfile.lock', () => {
  test.each([[''], ['--dev']])('with "%s" is as Pipenv installs it', async (options) => {
    const words = options.split(' ').filter((word) => word !== '');
    const dir = project({ Pipfile: pipfile }, [['Pipfile.lock', ...words].join(' ')]);
    const pipenv = tool('pipenv');
    await run(dir, pipenv, 'lock');
    await mustLock(dir);
    await run(dir, pipenv, 'sync', ...words);
    expect(locked(dir)).toEqual(await installed(dir));
  });

  test('of another Pipfile is refused', async () => {
    const dir = project({ Pipfile: pipfile }, ['Pipfile.lock']);
    await run(dir, tool('pipenv'), 'lock');
    addFiles(dir, { Pipfile: pipfile.replace('"<25"', '"<24"') });
    await expect(run(dir, tool('pipenv'), 'verify')).rejects.toThrow();
    const ended = await parityLock(dir);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('pipenv lock, and commit Pipfile.lock')]);
  });
});

test('pylock.toml is as uv installs it', async () => {
  const dir = project(uvFiles, ['pylock.toml']);
  const uv = tool('uv');
  await run(dir, uv, 'export', '--quiet', '--format', 'pylock.toml', '--output-file', 'pylock.toml');
  await mustLock(dir);
  await run(dir, uv, 'venv', '--quiet', '--python', version);
  await run(dir, uv, 'pip', 'sync', '--quiet', 'pylock.toml');
  expect(locked(dir)).toEqual(await installed(dir, ['core']));
});
