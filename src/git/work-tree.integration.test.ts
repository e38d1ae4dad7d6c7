import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commit, git, gitScratch, repository } from '../../test/support/git-repo.ts';
import { addFiles } from '../../test/support/repo.ts';
import { filesInProgress } from './work-tree.ts';

test('what is staged and changed again since, and what is in conflict, is in progress; nothing else', async () => {
  const dir = repository(join(gitScratch(), 'shop'), {
    'a b.py': 'x\n',
    'staged.py': 'x\n',
    'edited.py': 'x\n',
    'conflict ü.py': 'x\n',
    'gone.py': 'x\n',
  });
  git(dir, 'switch', '-q', '-c', 'other');
  commit(dir, { 'conflict ü.py': 'theirs\n' });
  git(dir, 'switch', '-q', 'main');
  commit(dir, { 'conflict ü.py': 'ours\n' });
  spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'merge', '-q', 'other'], { cwd: dir });
  addFiles(dir, { 'a b.py': 'staged\n', 'staged.py': 'staged\n', 'gone.py': 'staged\n', 'new.py': 'new\n' });
  git(dir, 'add', 'a b.py', 'staged.py', 'gone.py', 'new.py');
  addFiles(dir, { 'a b.py': 'again\n', 'edited.py': 'edited\n', 'new.py': 'newer\n', 'untracked.py': 'x\n' });
  expect(await filesInProgress(dir)).toEqual({
    ok: true,
    value: { partlyStaged: ['a b.py', 'new.py'], inConflict: ['conflict ü.py'] },
  });
});
