import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git } from '../../test/support/environment.ts';
import { addFiles, folderOf } from '../../test/support/repo.ts';
import { readContents, type Contents } from './workspace-contents.ts';
import { stampIndex } from './work-tree-stamp.ts';
import { readStatCache, writeStatCache } from './stat-cache.ts';

// Files that were written an hour ago and an index that is half an hour old, so that only what a test does is new.
function repository(): string {
  const files = { 'a.py': 'aaaa', 'b/c.py': 'cccc', 'b/d.py': 'dddd', 'run.sh': 'x', 'far/off.py': 'far' };
  const inner = folderOf({ 'inner.py': 'inner' });
  git(inner, 'init', '--quiet');
  git(inner, 'add', '--all');
  git(inner, 'commit', '--quiet', '--message', 'inner');
  const dir = folderOf({ '.gitignore': '*.log\n', ...files });
  symlinkSync('a.py', join(dir, 'link'));
  git(dir, 'init', '--quiet');
  git(dir, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
  age(dir, ['.gitignore', ...Object.keys(files)], 3600);
  git(dir, 'add', '--all');
  git(dir, 'commit', '--quiet', '--message', 'first');
  age(dir, ['.git/index'], 1800);
  addFiles(dir, { 'new.py': 'new', 'b/new.py': 'new' });
  return dir;
}

function age(dir: string, names: readonly string[], seconds: number): void {
  const old = new Date(Date.now() - seconds * 1000);
  for (const name of names) utimesSync(join(dir, name), old, old);
}

// An hour later: what was written in this test is old.
const later = (): number => Date.now() + 3_600_000;

async function look(dir: string, cacheDir: string): Promise<Contents> {
  const contents = await readContents(dir, { cacheDir, now: later });
  if (!contents.ok) throw new Error(contents.error.message);
  await contents.value.saveCache();
  return contents.value;
}

const cacheFile = (cacheDir: string): string =>
  join(cacheDir, 'contents', readdirSync(join(cacheDir, 'contents'))[0] ?? '');

describe('files that the index vouches for', () => {
  test('are taken as they were, without a look, while it is the same index', async () => {
    const dir = repository();
    const cacheDir = folderOf({});
    const { files } = await look(dir, cacheDir);
    const kept = readStatCache(cacheFile(cacheDir));
    expect(kept.indexRecord).toEqual({ index: stampIndex(dir, 0)?.text, possiblyChanged: ['sub'] });
    // A memory that lies shows what is asked of it.
    const [first, ...rest] = kept.unchangedEntries(new Set());
    const lie = { path: 'a.py', stat: lstatSync(join(dir, 'run.sh')), digest: 'f'.repeat(64) };
    expect([first?.path, ...rest.map(({ path }) => path)]).toEqual([
      '.gitignore',
      '.gitmodules',
      'a.py',
      'b/c.py',
      'b/d.py',
      'far/off.py',
      'link',
      'run.sh',
    ]);
    await writeStatCache(cacheFile(cacheDir), { unchanged: [lie], others: [], indexRecord: kept.indexRecord });
    const digestNow = async (): Promise<string | undefined> =>
      (await look(dir, cacheDir)).files.find(({ path }) => path === 'a.py')?.digest;
    expect(await digestNow()).toBe(lie.digest);
    git(dir, 'add', 'new.py');
    expect(await digestNow()).toBe(files.find(({ path }) => path === 'a.py')?.digest);
  });

  const editLater = (dir: string): void => {
    git(dir, 'update-index', '--assume-unchanged', 'a.py');
    age(dir, ['.git/index'], 1800);
  };
  const leaveOut = (dir: string): void => {
    git(dir, 'sparse-checkout', 'set', '--no-cone', '/*', '!/far/');
    age(dir, ['.git/index'], 1800);
  };
  const conflict = (dir: string): void => {
    git(dir, 'commit', '--quiet', '--allow-empty', '--message', 'base');
    git(dir, 'checkout', '--quiet', '-b', 'other');
    writeFileSync(join(dir, 'a.py'), 'other');
    git(dir, 'commit', '--quiet', '--all', '--message', 'other');
    git(dir, 'checkout', '--quiet', '-');
    writeFileSync(join(dir, 'a.py'), 'mine');
    git(dir, 'commit', '--quiet', '--all', '--message', 'mine');
    expect(() => git(dir, 'merge', 'other')).toThrow();
    age(dir, ['.git/index'], 1800);
  };
  const nothing = (): void => undefined;
  const write = (name: string, text: string) => (dir: string) => {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  test.each<[string, (dir: string) => void, (dir: string) => void]>([
    ['nothing', nothing, nothing],
    ['a changed file of the same size', nothing, write('a.py', 'AAAA')],
    ['a mode', nothing, (dir) => chmodSync(join(dir, 'run.sh'), 0o755)],
    [
      'a mode that git is told to overlook',
      (dir) => git(dir, 'config', 'core.fileMode', 'false'),
      (dir) => chmodSync(join(dir, 'run.sh'), 0o755),
    ],
    ['a new file', nothing, write('b/newer.py', 'newer')],
    ['a new file that is another', nothing, write('new.py', 'wen')],
    ['a new file that is gone', nothing, (dir) => rmSync(join(dir, 'new.py'))],
    ['a file that is gone', nothing, (dir) => rmSync(join(dir, 'a.py'))],
    ['another name', nothing, (dir) => renameSync(join(dir, 'a.py'), join(dir, 'z.py'))],
    [
      'a link that leads elsewhere',
      nothing,
      (dir) => {
        rmSync(join(dir, 'link'));
        symlinkSync('run.sh', join(dir, 'link'));
      },
    ],
    [
      'a link in the place of a file',
      nothing,
      (dir) => {
        rmSync(join(dir, 'a.py'));
        symlinkSync('run.sh', join(dir, 'a.py'));
      },
    ],
    [
      'a folder in the place of a file',
      nothing,
      (dir) => {
        rmSync(join(dir, 'a.py'));
        addFiles(dir, { 'a.py/in.py': 'in' });
      },
    ],
    [
      'a link in the place of a folder',
      nothing,
      (dir) => {
        cpSync(join(dir, 'b'), join(dir, 'copy'), { recursive: true, preserveTimestamps: true });
        rmSync(join(dir, 'b'), { recursive: true });
        symlinkSync('copy', join(dir, 'b'));
      },
    ],
    ['what git is told to ignore', nothing, write('.gitignore', 'new.py\n')],
    ['a commit', nothing, (dir) => git(dir, 'commit', '--quiet', '--allow-empty', '--message', 'second')],
    ['a staged change', nothing, (dir) => git(dir, 'add', '--all')],
    ['another branch', nothing, (dir) => git(dir, 'rm', '--quiet', '--cached', 'a.py')],
    ['a changed file that is as it was', write('a.py', 'AAAA'), (dir) => git(dir, 'checkout', '--quiet', 'a.py')],
    ['one edit of a changed file after another', write('a.py', 'AAAA'), write('a.py', 'BBBB')],
    ['a file of a submodule', nothing, write('sub/inner.py', 'INNER')],
    ['a new file of a submodule', nothing, write('sub/new.py', 'new')],
    [
      'a repository in it',
      nothing,
      (dir) => {
        addFiles(dir, { 'nested/x.py': 'x' });
        git(join(dir, 'nested'), 'init', '--quiet');
      },
    ],
    [
      'a file of a repository in it',
      (dir) => {
        addFiles(dir, { 'nested/x.py': 'x' });
        git(join(dir, 'nested'), 'init', '--quiet');
      },
      write('nested/x.py', 'y'),
    ],
    ['a file that is assumed unchanged', editLater, write('a.py', 'AAAA')],
    ['a file that was left out of a sparse checkout', leaveOut, write('far/off.py', 'back')],
    ['a file in conflict', conflict, write('a.py', 'mended')],
    [
      'a changed name that is no UTF-8',
      (dir) => writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xe9])]), '1'),
      (dir) => writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xe9])]), '2'),
    ],
    ['a repository that is none any more', nothing, (dir) => rmSync(join(dir, '.git'), { recursive: true })],
  ])('show %s, at the next look and at the second of one run', async (_what, before, change) => {
    const dir = repository();
    before(dir);
    const cacheDir = folderOf({});
    await look(dir, cacheDir);
    // By the index, where it vouches.
    const first = await look(dir, cacheDir);
    expect(first.files).toEqual((await look(dir, folderOf({}))).files);
    const unchanged = await first.refresh();
    expect(unchanged.ok && unchanged.value).toBe(first.files);
    change(dir);
    const fresh = await look(dir, folderOf({}));
    expect(await first.refresh()).toEqual({ ok: true, value: fresh.files });
    for (const _ of ['as it was remembered before', 'as it is now']) {
      const next = await look(dir, cacheDir);
      expect(next.files).toEqual(fresh.files);
      expect(next).toMatchObject({ commit: fresh.commit, dirty: fresh.dirty, repositories: fresh.repositories });
    }
  });

  test('are in path order, although large ones are read in the background', async () => {
    const large = 'x'.repeat(600 * 1024);
    const names = ['a.png', 'b.py', 'c.gif', 'd.py', 'e.png', 'f.py'];
    const dir = folderOf(Object.fromEntries(names.map((name) => [name, name.endsWith('.py') ? name : name + large])));
    git(dir, 'init', '--quiet');
    age(dir, names, 3600);
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--message', 'first');
    age(dir, ['.git/index'], 1800);
    const cacheDir = folderOf({});
    const first = await look(dir, cacheDir);
    // Another file: the others come out of the memory, and this one is put among them.
    addFiles(dir, { 'b2.py': 'new' });
    const second = await look(dir, cacheDir);
    expect(first.files.map(({ path }) => path)).toEqual(names);
    expect(second.files.map(({ path }) => path)).toEqual([...names, 'b2.py'].sort());
  });

  test('are none of an index that was written a moment ago', async () => {
    const dir = repository();
    const cacheDir = folderOf({});
    appendFileSync(join(dir, 'a.py'), 'a');
    git(dir, 'add', 'a.py');
    const contents = await readContents(dir, { cacheDir, now: () => Date.now() + 1500 });
    if (!contents.ok) throw new Error(contents.error.message);
    await contents.value.saveCache();
    const kept = readStatCache(cacheFile(cacheDir));
    expect([kept.size > 0, kept.indexRecord]).toEqual([true, undefined]);
  });
});
