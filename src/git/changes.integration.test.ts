import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, git, gitScratch, repository } from '../../test/support/git-repo.ts';
import { addFiles } from '../../test/support/repo.ts';
import { commitOf, currentBranch, filesChangedSince, ignoredFiles, ignoreRules } from './changes.ts';

describe('filesNotIn', () => {
  test('HEAD: untracked, staged, changed and deleted files; not ignored ones, nor those only touched', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '', 'b.py': '', 'c/d.py': '', '.gitignore': '*.log\n' });
    expect(await filesChangedSince(top, git(top, 'rev-parse', 'HEAD').trim())).toEqual({ ok: true, value: [] });
    addFiles(top, { 'new ü.py': '', 'staged.py': '', 'x.log': '', 'b.py': 'changed', a: '' });
    git(top, 'add', 'staged.py');
    rmSync(join(top, 'c/d.py'));
    git(top, 'rm', '-q', '--cached', 'a');
    expect(await filesChangedSince(top, git(top, 'rev-parse', 'HEAD').trim())).toEqual({
      ok: true,
      value: [
        { path: 'b.py', state: 'modified' },
        { path: 'c/d.py', state: 'deleted' },
        { path: 'new ü.py', state: 'untracked' },
        { path: 'staged.py', state: 'untracked' },
      ],
    });
  });

  test('an older commit: what was committed since is told apart from what never was', async () => {
    const top = repository(join(gitScratch(), 'shop'), { 'a.py': '1', 'b.py': '1' });
    const first = git(top, 'rev-parse', 'HEAD').trim();
    commit(top, { 'a.py': '2', 'since.py': '' });
    addFiles(top, { 'b.py': '3', 'new.py': '' });
    expect(await filesChangedSince(top, first)).toEqual({
      ok: true,
      value: [
        { path: 'b.py', state: 'modified' },
        { path: 'new.py', state: 'untracked' },
        { path: 'since.py', state: 'elsewhere' },
      ],
    });
  });
});

test('ignored files, whole folders as one, and the lines that do it', async () => {
  const top = repository(join(gitScratch(), 'shop'), {
    '.gitignore': '\nbuild/\n',
    'core/.gitignore': '*.local.json\n',
  });
  addFiles(top, { 'build/deep/x.js': '', 'core/a.local.json': '', 'core/b.json': '' });
  expect(await ignoredFiles(top)).toEqual({ ok: true, value: ['build/', 'core/a.local.json'] });
  expect([...(await ignoreRules(top, ['build/deep/x.js', 'core/a.local.json', 'core/b.json']))]).toEqual([
    ['build/deep/x.js', '.gitignore:2: build/'],
    ['core/a.local.json', 'core/.gitignore:1: *.local.json'],
  ]);
});

test('the branch and the commit of a revision', async () => {
  const top = repository(join(gitScratch(), 'shop'), { a: '' });
  git(top, 'tag', '-a', 'v1', '-m', 'v1');
  const head = git(top, 'rev-parse', 'HEAD').trim();
  expect(await currentBranch(top)).toBe('main');
  expect(await commitOf(top, 'v1')).toEqual({ ok: true, value: head });
  expect(await commitOf(top, 'v2')).toMatchObject({ ok: false });
  git(top, 'checkout', '-q', '--detach');
  expect(await currentBranch(top)).toBeUndefined();
});
