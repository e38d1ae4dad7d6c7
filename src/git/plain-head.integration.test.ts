import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git, gitScratch, repository } from '../../test/support/git-repo.ts';
import { plainHead } from './plain-head.ts';

test('HEAD is what git says it is, loose, packed or detached; undefined where only git knows', () => {
  const scratch = gitScratch();
  const top = repository(join(scratch, 'shop ü'), { a: '' });
  const head = git(top, 'rev-parse', 'HEAD').trim();
  expect(plainHead(top)).toBe(head);
  git(top, 'branch', 'other');
  git(top, 'pack-refs', '--all');
  expect(plainHead(top)).toBe(head);
  git(top, 'checkout', '--quiet', '--detach');
  expect(plainHead(top)).toBe(head);
  git(top, 'worktree', 'add', '--quiet', join(scratch, 'linked'));
  expect(plainHead(join(scratch, 'linked'))).toBeUndefined();
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  git(empty, 'init', '--quiet');
  expect(plainHead(empty)).toBeUndefined();
  writeFileSync(join(empty, '.git', 'HEAD'), 'ref: refs/../../../etc/passwd\n');
  expect(plainHead(empty)).toBeUndefined();
});
