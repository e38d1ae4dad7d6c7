import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { addFiles, folderOf, type Tree } from '../../test/support/repo.ts';
import { pathBytes, pathText } from '../git/path-text.ts';
import { readContents, type Contents, type ContentsOptions } from './workspace-contents.ts';
import { readStatCache } from './stat-cache.ts';

function git(dir: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'protocol.file.allow=always'];
  return execFileSync('git', ['-C', dir, ...who, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A repository whose one commit has the tree. */
function repository(tree: Tree): string {
  const dir = folderOf(tree);
  git(dir, 'init', '-q');
  commit(dir);
  return dir;
}

function commit(dir: string): string {
  git(dir, 'add', '--all');
  git(dir, 'commit', '-q', '-m', 'test');
  return git(dir, 'rev-parse', 'HEAD').trim();
}

// An hour later: what was written in this test is old.
const later = (): number => Date.now() + 3_600_000;

async function look(dir: string, options: ContentsOptions = {}): Promise<Contents> {
  const contents = await readContents(dir, { cacheDir: options.cacheDir ?? folderOf({}), ...options });
  if (!contents.ok) throw new Error(JSON.stringify(contents.error));
  await contents.value.saveCache();
  return contents.value;
}

/** `100644 <the start of the digest>` by path. */
async function shown(dir: string, options: ContentsOptions = {}): Promise<Readonly<Record<string, string>>> {
  const { files } = await look(dir, options);
  return Object.fromEntries(files.map(({ path, mode, digest }) => [path, `${mode} ${digest.slice(0, 10)}`]));
}

const of = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex').slice(0, 10);
const plain = (text: string): string => `100644 ${of(text)}`;

describe('in git', () => {
  test('shows what is tracked and what is new, not what is ignored or gone', async () => {
    const dir = repository({ '.gitignore': '*.log\n', 'core/app.py': 'app', 'gone.py': '', 'ü “q”/a b.py': 'x' });
    addFiles(dir, { 'core/new.py': 'new', 'run.log': 'ignored', 'core/app.py': 'changed' });
    rmSync(join(dir, 'gone.py'));
    git(dir, 'add', '-f', 'run.log');
    expect(await shown(dir)).toEqual({
      '.gitignore': plain('*.log\n'),
      'core/app.py': plain('changed'),
      'core/new.py': plain('new'),
      'run.log': plain('ignored'),
      'ü “q”/a b.py': plain('x'),
    });
  });

  test('sees modes and symbolic links by their target’s text', async () => {
    const dir = repository({ 'run.sh': 'x', 'data.txt': 'x' });
    expect(await shown(dir)).toEqual({ 'data.txt': plain('x'), 'run.sh': plain('x') });
    git(dir, 'config', 'core.fileMode', 'false');
    chmodSync(join(dir, 'run.sh'), 0o755);
    symlinkSync('/nowhere/at all', join(dir, 'dangling'));
    symlinkSync('data.txt', join(dir, 'link'));
    expect(await shown(dir)).toEqual({
      dangling: `120000 ${of('/nowhere/at all')}`,
      'data.txt': plain('x'),
      link: `120000 ${of('data.txt')}`,
      'run.sh': `100755 ${of('x')}`,
    });
  });

  test('says which commit it is, and whether the files are its own', async () => {
    const empty = folderOf({ 'a.py': '' });
    git(empty, 'init', '-q');
    expect(await look(empty)).toMatchObject({ commit: null, dirty: false, files: [{ path: 'a.py' }] });
    const dir = repository({ 'a.py': 'a', '.gitignore': '*.log\n' });
    const head = git(dir, 'rev-parse', 'HEAD').trim();
    addFiles(dir, { 'x.log': '' });
    expect(await look(dir)).toMatchObject({ commit: head, dirty: false });
    addFiles(dir, { 'new.py': '' });
    expect(await look(dir)).toMatchObject({ commit: head, dirty: true });
    rmSync(join(dir, 'new.py'));
    chmodSync(join(dir, 'a.py'), 0o755);
    expect(await look(dir)).toMatchObject({ commit: head, dirty: true });
  });

  test('shows submodules and nested repositories as the files that they are, ignored ones aside', async () => {
    const inner = repository({ 'inner.py': 'inner', '.gitignore': 'made\n' });
    const middle = repository({ 'middle.py': 'middle' });
    git(middle, 'submodule', '--quiet', 'add', inner, 'libs/inner');
    commit(middle);
    const dir = repository({ 'top.py': 'top' });
    git(dir, 'submodule', '--quiet', 'add', middle, 'middle');
    git(dir, 'submodule', '--quiet', 'update', '--init', '--recursive');
    commit(dir);
    const own = { '.gitmodules': expect.stringContaining('100644') as string, 'top.py': plain('top') };
    const middleOnes = {
      'middle/.gitmodules': expect.stringContaining('100644') as string,
      'middle/middle.py': plain('middle'),
    };
    const innerOnes = { 'middle/libs/inner/.gitignore': plain('made\n'), 'middle/libs/inner/inner.py': plain('inner') };
    expect(await shown(dir)).toEqual({ ...own, ...middleOnes, ...innerOnes });
    addFiles(dir, { 'middle/libs/inner/made': '', 'middle/libs/inner/new.py': 'new' });
    expect(await look(dir)).toMatchObject({ dirty: true });
    cpSync(inner, join(dir, 'nested'), { recursive: true });
    git(dir, 'submodule', '--quiet', 'deinit', '--force', 'middle');
    expect(await shown(dir)).toEqual({
      ...own,
      'nested/.gitignore': plain('made\n'),
      'nested/inner.py': plain('inner'),
    });
  });

  test('shows a link in place of a folder, not what lies behind it; and a folder in place of a file', async () => {
    const dir = repository({ 'a/x.py': 'x', 'b/x.py': 'x', file: 'f', 'kept.py': '' });
    rmSync(join(dir, 'a'), { recursive: true });
    symlinkSync('b', join(dir, 'a'));
    rmSync(join(dir, 'file'));
    addFiles(dir, { 'file/inside.py': 'i' });
    expect(await shown(dir)).toEqual({
      a: `120000 ${of('b')}`,
      'b/x.py': plain('x'),
      'file/inside.py': plain('i'),
      'kept.py': plain(''),
    });
  });

  test('a sparse checkout shows what is there, a conflict its file once', async () => {
    const dir = repository({ 'core/a.py': 'a', 'ui/b.ts': 'b', 'top.txt': 't' });
    git(dir, 'sparse-checkout', 'set', 'core');
    expect(Object.keys(await shown(dir))).toEqual(['core/a.py', 'top.txt']);
    git(dir, 'sparse-checkout', 'disable');
    git(dir, 'checkout', '-q', '-b', 'side');
    addFiles(dir, { 'top.txt': 'side' });
    commit(dir);
    git(dir, 'checkout', '-q', '-');
    addFiles(dir, { 'top.txt': 'main' });
    commit(dir);
    expect(() => git(dir, 'merge', '-q', 'side')).toThrow();
    expect(Object.keys(await shown(dir))).toEqual(['core/a.py', 'top.txt', 'ui/b.ts']);
  });

  test('names of files are bytes: what is not UTF-8 is shown, and told apart', async () => {
    const dir = repository({ 'a.py': '' });
    const names = [Buffer.from([0x66, 0xff]), Buffer.from([0x66, 0xfe, 0x2e, 0x70])];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), name]), 'raw');
    const { files } = await look(dir);
    expect(files.map(({ path }) => pathBytes(path))).toEqual([Buffer.from('a.py'), ...names.toReversed()]);
    commit(dir);
    expect((await look(dir)).files).toEqual(files);
    expect(pathBytes(pathText(Buffer.from('ü😀')))).toEqual(Buffer.from('ü😀'));
  });

  test('a linked worktree, a folder in a repository, and parity’s own cache in the tree', async () => {
    const dir = repository({ 'core/a.py': 'a', 'top.txt': 't' });
    const tree = join(folderOf({}), 'tree');
    git(dir, 'worktree', 'add', '-q', tree);
    expect(Object.keys(await shown(tree))).toEqual(['core/a.py', 'top.txt']);
    addFiles(dir, { 'core/new.py': '' });
    expect(await look(join(dir, 'core'))).toMatchObject({ dirty: true, files: [{ path: 'a.py' }, { path: 'new.py' }] });
    rmSync(join(dir, 'core/new.py'));
    const cacheDir = join(dir, '.cache');
    expect(await look(dir, { cacheDir, now: later })).toMatchObject({ dirty: false });
    expect(readdirSync(cacheDir)).toEqual(['contents']);
    expect(await look(dir, { cacheDir })).toMatchObject({ dirty: false, files: { length: 2 } });
  });

  test('is the same for the same files wherever they are, whatever umask and locale say', async () => {
    const dir = repository({ 'a.py': 'a', 'Ü.py': 'u', 'Z/z.py': 'z', '1': '', '10': '', '9': '' });
    const { files } = await look(dir);
    expect(files.map(({ path }) => path)).toEqual(['1', '10', '9', 'Z/z.py', 'a.py', 'Ü.py']);
    const copy = join(folderOf({}), 'elsewhere');
    git(dir, 'clone', '-q', dir, copy);
    for (const { path } of files) chmodSync(join(copy, path), 0o664);
    vi.stubEnv('LC_ALL', 'tr_TR.UTF-8');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await look(copy)).files).toEqual(files);
  });

  test('a refusal of git is a failure with what to type', async () => {
    const dir = repository({ 'a.py': '' });
    writeFileSync(join(dir, '.git/index'), 'damaged');
    expect(await readContents(dir, { cacheDir: folderOf({}) })).toMatchObject({
      ok: false,
      error: { reason: 'repository-invalid', message: expect.stringContaining('git ls-files failed') as string },
    });
  });
});

test('without git all files count but those that tools make for themselves', async () => {
  const dir = folderOf({
    'core/build/a.py': 'a',
    '.flake8': 'f',
    '.github/workflows/ci.yml': 'c',
    '.gitignore': '/out/\n*.log\n',
    'out/x.js': '',
    'core/out/kept.js': 'k',
    'core/.gitignore': 'local\n',
    'core/local': '',
    'x.log': '',
    'ui/node_modules/x/index.js': '',
    'core/__pycache__/a.pyc': '',
    'env/pyvenv.cfg': '',
    'env/bin/python': '',
  });
  symlinkSync('core', join(dir, 'link'));
  expect(await look(dir)).toMatchObject({ commit: null, dirty: false });
  expect(await shown(dir)).toEqual({
    '.flake8': plain('f'),
    '.github/workflows/ci.yml': plain('c'),
    '.gitignore': plain('/out/\n*.log\n'),
    'core/.gitignore': plain('local\n'),
    'core/build/a.py': plain('a'),
    'core/out/kept.js': plain('k'),
    link: `120000 ${of('core')}`,
  });
  expect(await readContents(join(dir, 'nothing'), { cacheDir: folderOf({}) })).toMatchObject({
    ok: false,
    error: { reason: 'io' },
  });
});

test('what this user may not read is shown as unreadable', async () => {
  const dir = folderOf({ 'a.py': 'a', 'shut.py': 's', 'shut/b.py': 'b' });
  for (const name of ['a.py', 'shut.py', 'shut']) chmodSync(join(dir, name), name === 'a.py' ? 0o644 : 0);
  chmodSync(dir, 0o755);
  // Root may read all.
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65534);
  try {
    const contents = await readContents(dir, { cacheDir: join(dir, 'none') });
    expect(contents).toMatchObject({
      ok: true,
      value: { files: [{ path: 'a.py' }, { path: 'shut.py', mode: '100644', digest: 'unreadable' }] },
    });
  } finally {
    if (root) process.seteuid?.(0);
    chmodSync(join(dir, 'shut'), 0o755);
  }
});

describe('what was read before', () => {
  const statsOf = (cacheDir: string): string => {
    const [name = ''] = readdirSync(join(cacheDir, 'contents'));
    return join(cacheDir, 'contents', name);
  };

  test('is not read again; a change of size, time, mode or inode is seen', async () => {
    const dir = repository({ 'a.py': 'aaaa', 'b.py': 'bbbb', 'c.py': 'cccc', 'd.sh': 'dddd', 'e.py': 'e' });
    const cacheDir = folderOf({});
    const first = await shown(dir, { cacheDir, now: later });
    const cache = readStatCache(statsOf(cacheDir));
    expect(cache.size).toBe(5);
    for (const path of Object.keys(first))
      expect(`100644 ${cache.lookUp(path, lstatSync(join(dir, path)))?.slice(0, 10)}`).toBe(first[path]);
    expect(await shown(dir, { cacheDir })).toEqual(first);
    writeFileSync(join(dir, 'a.py'), 'AAAA');
    // The time of modification can be set back, that of the change can not.
    const { atime, mtime } = lstatSync(join(dir, 'b.py'));
    writeFileSync(join(dir, 'b.py'), 'BBBB');
    utimesSync(join(dir, 'b.py'), atime, mtime);
    rmSync(join(dir, 'c.py'));
    writeFileSync(join(dir, 'c.py'), 'CCCC');
    chmodSync(join(dir, 'd.sh'), 0o755);
    expect(await shown(dir, { cacheDir, now: later })).toEqual({
      'a.py': plain('AAAA'),
      'b.py': plain('BBBB'),
      'c.py': plain('CCCC'),
      'd.sh': `100755 ${of('dddd')}`,
      'e.py': plain('e'),
    });
  });

  test('is trusted only once its times are older than the reading', async () => {
    const dir = repository({ 'a.py': 'aaaa' });
    const cacheDir = folderOf({});
    const { mtimeMs, ctimeMs } = lstatSync(join(dir, 'a.py'));
    const written = Math.max(mtimeMs, ctimeMs);
    await look(dir, { cacheDir, now: () => written + 5 });
    expect(() => statsOf(cacheDir)).toThrow('ENOENT');
    await look(dir, { cacheDir, now: () => written + 2000 });
    expect(readStatCache(statsOf(cacheDir)).size).toBe(1);
  });

  test('is forgotten when the cache is damaged or cut, and files that are gone with it', async () => {
    const dir = repository({ 'a.py': 'a', 'b.py': 'b' });
    const cacheDir = folderOf({});
    const first = await shown(dir, { cacheDir, now: later });
    const file = statsOf(cacheDir);
    const good = readFileSync(file);
    for (const at of [0, 16, 17, 21, 40, 110, good.length - 2]) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x41;
      writeFileSync(file, bad);
      expect(readStatCache(file).size, `byte ${at}`).toBe(0);
      expect(await shown(dir, { cacheDir, now: later })).toEqual(first);
      expect(readFileSync(file)).toEqual(good);
    }
    for (const length of [0, 10, 31, 33, good.length - 1]) {
      writeFileSync(file, good.subarray(0, length));
      expect(readStatCache(file).size, `${length} bytes`).toBe(0);
    }
    writeFileSync(file, good);
    rmSync(join(dir, 'b.py'));
    await look(dir, { cacheDir });
    expect(readStatCache(file).size).toBe(1);
    mkdirSync(join(cacheDir, 'blocked'));
    await look(dir, { cacheDir: file, now: later });
  });

  test('two at once leave one whole cache', async () => {
    const dir = repository(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}.py`, `${n}`])));
    const cacheDir = folderOf({});
    const all = await Promise.all(Array.from({ length: 6 }, () => look(dir, { cacheDir, now: later })));
    for (const { files } of all) expect(files).toEqual(all[0]?.files);
    expect(readdirSync(join(cacheDir, 'contents'))).toHaveLength(1);
    expect(readStatCache(statsOf(cacheDir)).size).toBe(100);
  });
});

test('an aborted look is over', async () => {
  const dir = repository(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`f${n}.py`, `${n}`])));
  const signal = AbortSignal.abort();
  expect(await readContents(dir, { cacheDir: folderOf({}), signal })).toMatchObject({
    ok: false,
    error: { reason: 'interrupted' },
  });
});
