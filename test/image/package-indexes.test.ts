import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll } from '../support/environment.ts';
import { lockTools } from '../support/lock-tools.ts';
import { packageIndexes, type PackageIndexes } from '../support/package-index.ts';
import { parity, type Ended } from '../support/parity.ts';
import { indexAddresses } from '../support/real/index-addresses.ts';
import { addFiles, type Tree } from '../support/repo.ts';

/*
 * A company's index has a private package. Somebody has published its name, in the same version and in a higher one, on the public index. What a
 * team's own tool takes is what parity locks and builds.
 */

const { address, folder, test } = engineTest();
const tools = lockTools();
const { tool, run } = tools;
let root = '';
let indexes: PackageIndexes;
let ours = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'parity-indexes-'));
  const real = indexAddresses(tool('uv'), process.env)['https://index.example/simple'] ?? '';
  indexes = await packageIndexes(root, { public: real });
  ours = indexes.add('company', 'parity-private', '1.0', 'of the company');
  indexes.add('public', 'parity-private', '1.0', 'of a stranger');
  indexes.add('public', 'parity-private', '9.9', 'of a stranger');
  // An index that is asked only for what is assigned to it has more than that.
  indexes.add('company', 'iniconfig', '99.0', 'of the company');
});
afterAll(() => {
  indexes.close();
  tools.remove();
  rmSync(root, { recursive: true, force: true });
});

const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
  encoding: 'utf8',
}).trim();
const index = (name: string): string => `${indexes.url}/${name}/simple`;

function project(files: Tree, source: string, more: readonly string[] = []): string {
  const dir = folder('indexes');
  addFiles(dir, {
    ...files,
    'probe.py': 'import parity_private; print("it is", parity_private.said)\n',
    'parity.yaml': `version: 1\ntoolchain: { python: "${version}", tools: [${more.join(', ')}], requirements: [${source}], system: [] }\nimage: { base: debian }\npipeline:\n  - { name: probe, run: python probe.py }\n`,
  });
  return dir;
}

function runParity(dir: string, ...args: readonly string[]): Promise<Ended> {
  commitAll(dir);
  const env = {
    DOCKER_HOST: address,
    UV_DEFAULT_INDEX: index('public'),
    PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '',
  };
  return parity(args, { cwd: dir, env });
}

function locked(dir: string, name: string): Lock['python']['packages'][number] | undefined {
  const lock = JSON.parse(readFileSync(join(dir, 'parity.lock.json'), 'utf8')) as Lock;
  return lock.python.packages.find((each) => each.name === name);
}

const uvProject = (): string =>
  `[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=${version}"\ndependencies = ["parity-private"]\n[tool.uv.sources]\nparity-private = { index = "company" }\n[[tool.uv.index]]\nname = "company"\nurl = "${index('company')}"\nexplicit = true\n[[tool.uv.index]]\nname = "public"\nurl = "${index('public')}"\ndefault = true\n`;
const poetryProject = (): string =>
  `[tool.poetry]\nname = "shop"\nversion = "1.0"\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^${version}"\nparity-private = { version = "*", source = "company" }\n[[tool.poetry.source]]\nname = "public"\nurl = "${index('public')}/"\npriority = "primary"\n[[tool.poetry.source]]\nname = "company"\nurl = "${index('company')}/"\npriority = "explicit"\n`;

test.each([
  ['uv.lock', uvProject, (dir: string) => run(dir, tool('uv'), 'lock', '--quiet')],
  ['poetry.lock', poetryProject, (dir: string) => run(dir, tool('poetry', 'poetry>=2.1'), 'lock', '--no-interaction')],
])('%s: an index has what is assigned to it, and is asked for nothing else', async (source, manifest, make) => {
  const dir = project({ 'pyproject.toml': manifest() }, source, ['iniconfig']);
  await make(dir);
  indexes.asked.length = 0;
  const ended = await runParity(dir, 'up', '--verbose');
  expect(ended.code, ended.stderr).toBe(0);
  expect(locked(dir, 'parity-private')).toMatchObject({ version: '1.0', hashes: [`sha256:${ours}`] });
  expect(locked(dir, 'iniconfig')?.version).not.toBe('99.0');
  expect(ended.stdout).toContain('it is of the company');
  expect(indexes.asked).not.toContain('/public/simple/parity-private/');
  expect(indexes.asked).not.toContain('/company/simple/iniconfig/');
});

test('a requirements file of pip: all indexes are equal, as they are to pip', async () => {
  const lines = `--index-url ${index('public')}\n--extra-index-url ${index('company')}\nparity-private\n`;
  const dir = project({ 'requirements.txt': lines }, 'requirements.txt');
  execFileSync('python3', ['-m', 'venv', join(dir, 'venv')]);
  const pip = join(dir, 'venv', 'bin', 'pip');
  await run(dir, pip, 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt');
  const installed = /^Version: (.+)$/m.exec(await run(dir, pip, 'show', 'parity-private'))?.[1];
  rmSync(join(dir, 'venv'), { recursive: true });
  const ended = await runParity(dir, 'up', '--verbose');
  expect(ended.code, ended.stderr).toBe(0);
  expect(locked(dir, 'parity-private')?.version).toBe(installed);
  expect(ended.stdout).toContain('it is of a stranger');
});

test('the same file in a project of uv: the first index that has a name has it, as it has to uv', async () => {
  const lines = `--index-url ${index('public')}\n--extra-index-url ${index('company')}\nparity-private\n`;
  const dir = project(
    { 'requirements.txt': lines, 'pyproject.toml': '[tool.uv]\npackage = false\n' },
    'requirements.txt',
  );
  const compiled = await run(
    dir,
    tool('uv'),
    'pip',
    'compile',
    '--quiet',
    '--no-header',
    '--no-annotate',
    'requirements.txt',
  );
  const ended = await runParity(dir, 'up', '--verbose');
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toContain('it is of the company');
  expect(compiled).toContain(`parity-private==${locked(dir, 'parity-private')?.version}\n`);
});
