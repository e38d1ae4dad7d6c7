import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../../test/support/environment.ts';
import { folderOf } from '../../test/support/repo.ts';
import { stampWorkTree } from './work-tree-stamp.ts';

// A repository whose files were written long ago, so that only what a test does is new.
function repository(files: Readonly<Record<string, string>> = { 'a.py': 'x = 1\n', 'b/c.txt': 'c\n' }): string {
  const dir = folderOf({ '.gitignore': '*.log\n', ...files });
  const old = new Date(Date.now() - 3600_000);
  for (const name of Object.keys(files)) utimesSync(join(dir, name), old, old);
  git(dir, 'init', '--quiet');
  git(dir, 'add', '--all');
  git(dir, 'commit', '--quiet', '--message', 'first');
  return dir;
}

const textOf = async (dir: string): Promise<string | undefined> => (await stampWorkTree(dir))?.text;

describe('a repository seen from afar', () => {
  it('looks the same while nothing changes, whatever is done to what git ignores', async () => {
    const dir = repository();
    const first = await textOf(dir);
    expect(first).toBeDefined();
    writeFileSync(join(dir, 'debug.log'), 'noise\n');
    expect(await textOf(dir)).toBe(first);
  });

  it.each<[string, (dir: string) => void]>([
    ['a changed file', (dir) => writeFileSync(join(dir, 'a.py'), 'x = 2\n')],
    ['a mode', (dir) => chmodSync(join(dir, 'a.py'), 0o755)],
    ['a mode that git is told to overlook', overlookedMode],
    ['a new file', (dir) => writeFileSync(join(dir, 'new.py'), '')],
    ['a file that is gone', (dir) => rmSync(join(dir, 'a.py'))],
    ['another name', (dir) => renameSync(join(dir, 'a.py'), join(dir, 'z.py'))],
    ['a link in its place', linkInItsPlace],
    ['a folder in its place', folderInItsPlace],
    [
      'a name that is no UTF-8',
      (dir) => writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xe9])]), ''),
    ],
    ['what git is told to ignore', (dir) => writeFileSync(join(dir, '.gitignore'), '')],
    ['another commit', otherCommit],
  ])('looks otherwise after %s', async (_what, change) => {
    const dir = repository();
    const first = await textOf(dir);
    change(dir);
    expect(await textOf(dir)).not.toBe(first);
  });

  it('tells one edit of a changed file from the next', async () => {
    const dir = repository();
    writeFileSync(join(dir, 'a.py'), 'x = 2\n');
    const second = await textOf(dir);
    writeFileSync(join(dir, 'a.py'), 'x = 3\n');
    expect(await textOf(dir)).not.toBe(second);
  });

  it('is settled once the last change, of a file or of the index, is a moment ago', async () => {
    const dir = repository();
    const indexed = statSync(join(dir, '.git', 'index')).mtimeMs;
    expect((await stampWorkTree(dir, () => indexed + 1500))?.isSettled).toBe(false);
    expect((await stampWorkTree(dir, () => indexed + 2500))?.isSettled).toBe(true);
    const later = new Date(indexed + 60_000);
    writeFileSync(join(dir, 'new.py'), '');
    utimesSync(join(dir, 'new.py'), later, later);
    expect((await stampWorkTree(dir, () => later.getTime() + 500))?.isSettled).toBe(false);
    expect((await stampWorkTree(dir, () => later.getTime() + 1500))?.isSettled).toBe(true);
  });

  it('sees a linked worktree by its own index', async () => {
    const dir = repository();
    const tree = join(folderOf({}), 'tree');
    git(dir, 'worktree', 'add', '--quiet', tree);
    const first = await textOf(tree);
    expect(first).toBeDefined();
    writeFileSync(join(dir, 'a.py'), 'x = 2\n');
    expect(await textOf(tree)).toBe(first);
    writeFileSync(join(tree, 'a.py'), 'x = 2\n');
    expect(await textOf(tree)).not.toBe(first);
  });

  it('is not to be had without git, with a repository inside, or before the first file is known', async () => {
    expect(await stampWorkTree(folderOf({ 'a.py': '' }))).toBeUndefined();
    const dir = repository();
    mkdirSync(join(dir, 'inner'));
    git(join(dir, 'inner'), 'init', '--quiet');
    writeFileSync(join(dir, 'inner', 'a'), '');
    expect(await stampWorkTree(dir)).toBeUndefined();
    const empty = folderOf({});
    git(empty, 'init', '--quiet');
    expect(await stampWorkTree(empty)).toBeUndefined();
  });
});

function overlookedMode(dir: string): void {
  git(dir, 'config', 'core.fileMode', 'false');
  chmodSync(join(dir, 'a.py'), 0o755);
}

function linkInItsPlace(dir: string): void {
  rmSync(join(dir, 'a.py'));
  symlinkSync('b/c.txt', join(dir, 'a.py'));
}

function folderInItsPlace(dir: string): void {
  rmSync(join(dir, 'a.py'));
  mkdirSync(join(dir, 'a.py'));
  writeFileSync(join(dir, 'a.py', 'x'), '');
}

function otherCommit(dir: string): void {
  writeFileSync(join(dir, 'a.py'), 'x = 2\n');
  git(dir, 'commit', '--quiet', '--all', '--message', 'second');
}
