import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll } from '../support/environment.ts';
import { gitServer, pushCommit, type GitServer } from '../support/git-server.ts';
import { lockTools } from '../support/lock-tools.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles, type Tree } from '../support/repo.ts';

/*
 * Packages from git repositories and from files at an address, on a server of this machine. Their lock files are made by the tools themselves.
 */

const { address, folder, test } = engineTest();
const tools = lockTools();
const { tool, run } = tools;
let root = '';
let server: GitServer;
let commit = '';
let file = '';
let fileHash = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'parity-repos-'));
  // One repository with two packages: one whose version only its build tells from a tag, one in a subdirectory.
  commit = pushCommit(
    root,
    'probes',
    {
      'pyproject.toml': `[project]\nname = "parity-tagged"\ndynamic = ["version"]\n[build-system]\nrequires = ["setuptools", "setuptools_scm"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = ["parity_tagged"]\n[tool.setuptools_scm]\n`,
      'parity_tagged.py': 'said = "as it was"\n',
      'below/pyproject.toml': `[project]\nname = "parity-below"\nversion = "2.5"\ndependencies = ["six<1.17"]\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = ["parity_below"]\n`,
      'below/parity_below.py': 'said = "from below"\n',
    },
    'v1.4',
  );
  mkdirSync(join(root, 'files'));
  execFileSync('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '-d',
    join(root, 'files'),
    'iniconfig==2.0.0',
  ]);
  [file = ''] = readdirSync(join(root, 'files'));
  fileHash = sha256(readFileSync(join(root, 'files', file)));
  server = await gitServer(root);
});
afterAll(() => {
  server.close();
  tools.remove();
  rmSync(root, { recursive: true, force: true });
});

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The digest of the commit's tree, made from what git itself says of it. */
function treeDigest(): string {
  const git = (...words: readonly string[]): Buffer =>
    execFileSync('git', ['--git-dir', join(root, 'probes.git'), ...words]);
  const lines = git('ls-tree', '-r', '-z', commit).toString().split('\0').slice(0, -1);
  const records = lines.map((line) => {
    const [head = '', path = ''] = line.split('\t');
    const [mode = '', , object = ''] = head.split(' ');
    return { path, line: `${mode} ${sha256(git('cat-file', 'blob', object))}\t${path}\0` };
  });
  return `sha256:${sha256(
    records
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ line }) => line)
      .join(''),
  )}`;
}

const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
  encoding: 'utf8',
}).trim();

function project(files: Tree, source: string): string {
  const dir = folder('addresses');
  const script =
    'import importlib.metadata as m, parity_tagged, parity_below; print(parity_tagged.said, m.version("parity-tagged"), parity_below.said, m.version("iniconfig"))';
  addFiles(dir, {
    ...files,
    'probe.py': `${script}\n`,
    'parity.yaml': `version: 1\ntoolchain: { python: "${version}", tools: [], requirements: [${source}], system: [] }\nimage: { base: debian }\npipeline:\n  - { name: probe, run: python probe.py }\n`,
  });
  return dir;
}

function runParity(dir: string, ...args: readonly string[]): Promise<Ended> {
  commitAll(dir);
  return parity(args, {
    cwd: dir,
    env: { DOCKER_HOST: address, PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '' },
  });
}

function lockOf(dir: string): Lock {
  return JSON.parse(readFileSync(join(dir, 'parity.lock.json'), 'utf8')) as Lock;
}

const git = (more = ''): string => `git+${server.url}/probes.git@${more}`;
const from = (): string => `${server.url}/files/${file}`;

/** What every one of them has in common; `tagged` is left out where its tool can't build it. */
function sources(names: readonly string[]): readonly object[] {
  const ofGit = { url: `${server.url}/probes.git`, commit };
  return [
    { name: 'iniconfig', version: '2.0.0', hashes: [`sha256:${fileHash}`], source: { url: from() } },
    {
      name: 'parity-below',
      version: '2.5',
      hashes: [treeDigest()],
      source: { ...ofGit, subdirectory: 'below' },
    },
    { name: 'parity-tagged', version: '1.4', hashes: [treeDigest()], source: ofGit },
  ].filter(({ name }) => names.includes(name));
}

function lockedSources(dir: string): readonly object[] {
  return lockOf(dir).python.packages.flatMap(({ name, version: locked, hashes, source }) =>
    source === undefined ? [] : [{ name, version: locked, hashes, source }],
  );
}

const pyproject = (dependencies: readonly string[], more = ''): string =>
  `[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=${version}"\ndependencies = ${JSON.stringify(dependencies)}\n${more}`;
const uvSources = (): string =>
  `[tool.uv.sources]\nparity-below = { git = "${server.url}/probes.git", subdirectory = "below", branch = "main" }\nparity-tagged = { git = "${server.url}/probes.git", tag = "v1.4" }\niniconfig = { url = "${from()}" }\n`;
const names = ['iniconfig', 'parity-below', 'parity-tagged'];
const pdmPins = ['pdm', 'hishel[httpx2]<2'];

interface Kind {
  readonly file: string;
  readonly names?: readonly string[];
  readonly files: () => Tree;
  readonly make: (dir: string) => Promise<string>;
}

const kinds: readonly Kind[] = [
  {
    file: 'uv.lock',
    files: () => ({ 'pyproject.toml': pyproject(names, uvSources()) }),
    make: (dir) => run(dir, tool('uv'), 'lock', '--quiet'),
  },
  {
    file: 'pylock.toml',
    files: () => ({ 'pyproject.toml': pyproject(names, uvSources()) }),
    make: (dir) => run(dir, tool('uv'), 'export', '--quiet', '-o', 'pylock.toml'),
  },
  {
    file: 'poetry.lock',
    // Poetry builds what does not say its metadata plainly, with what the public index has.
    names: ['iniconfig', 'parity-below'],
    files: () => ({
      'pyproject.toml': `[tool.poetry]\nname = "shop"\nversion = "1.0"\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^${version}"\nparity-below = { git = "${server.url}/probes.git", subdirectory = "below", branch = "main" }\niniconfig = { url = "${from()}" }\n`,
    }),
    make: (dir) => run(dir, tool('poetry', 'poetry>=2.1'), 'lock', '--no-interaction'),
  },
  {
    file: 'pdm.lock',
    files: () => ({
      'pyproject.toml': pyproject(
        [`parity-below @ ${git('main#subdirectory=below')}`, `parity-tagged @ ${git('v1.4')}`, `iniconfig @ ${from()}`],
        '[tool.pdm]\ndistribution = false\n',
      ),
    }),
    make: (dir) => run(dir, tool('pdm', ...pdmPins), 'lock'),
  },
  {
    file: 'Pipfile.lock',
    files: () => ({
      Pipfile: `[packages]\nparity-below = { git = "${server.url}/probes.git", ref = "main", subdirectory = "below" }\nparity-tagged = { git = "${server.url}/probes.git", ref = "v1.4" }\niniconfig = { file = "${from()}" }\n`,
    }),
    make: (dir) => run(dir, tool('pipenv'), 'lock'),
  },
];

describe('a package that no index has', () => {
  test.each(kinds.map((kind) => [kind.file, kind] as const))('is locked as %s has it', async (_, kind) => {
    const dir = project(kind.files(), kind.file);
    await kind.make(dir);
    const ended = await runParity(dir, 'lock');
    expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({ code: 0, stderr: '' });
    expect(lockedSources(dir)).toEqual(sources(kind.names ?? names));
    // What a package from a repository needs comes along.
    expect(lockOf(dir).python.packages.find(({ name }) => name === 'six')?.version).toBe('1.16.0');
  });

  test('is built from its commit, whatever its branch has by then, and checked', async () => {
    const lines = [
      `parity-below @ ${git(`${commit}#subdirectory=below`)}`,
      `-e ${git(commit)}#egg=parity-tagged`,
      `iniconfig @ ${from()}#sha256=${fileHash}`,
    ];
    const dir = project({ 'requirements.txt': `${lines.join('\n')}\n` }, 'requirements.txt');
    const locked = await runParity(dir, 'lock');
    expect(locked.code, locked.stderr).toBe(0);
    expect(lockedSources(dir)).toEqual(sources(names));
    pushCommit(root, 'probes', { 'parity_tagged.py': 'said = "moved on"\n' });
    const ran = await runParity(dir, 'up', '--verbose');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('as it was 1.4 from below 2.0.0');

    // A repository that gives another tree for the commit: what is built must be what was locked.
    const text = readFileSync(join(dir, 'parity.lock.json'), 'utf8');
    writeFileSync(join(dir, 'parity.lock.json'), text.replaceAll(treeDigest(), `sha256:${'0'.repeat(64)}`));
    const other = await runParity(dir, 'build');
    expect(other.code).not.toBe(0);
    expect(other.stderr).toMatch(/parity-\w+ \S+ is not what the lock says: .* has another tree at/);
  });

  test('is refused where it can be another tomorrow, with what to write', async () => {
    const lines = [`parity-tagged @ ${git('main')}`, `iniconfig @ ${from()}`];
    const dir = project({ 'requirements.txt': `${lines.join('\n')}\n` }, 'requirements.txt');
    const ended = await runParity(dir, 'lock');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('requirements.txt:1:1: error: parity-tagged comes from');
    expect(ended.stderr).toContain(`git ls-remote ${server.url}/probes.git main, then write: parity-tagged @ git+`);
    expect(ended.stderr).toContain(`curl -sL ${from()} | sha256sum, then write: iniconfig @ ${from()}#sha256=HASH`);
  });

  test('is refused where the file is another than was written down', async () => {
    const line = `iniconfig @ ${from()}#sha256=${'1'.repeat(64)}\n`;
    const dir = project({ 'requirements.txt': line }, 'requirements.txt');
    const ended = await runParity(dir, 'lock');
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(`${from()} is not the file that iniconfig 2.0.0 was locked with`);
  });
});
