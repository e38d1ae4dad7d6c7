import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ok, type Result } from '../core/result.ts';
import { runGit, type GitProblem, type GitSetting } from './git.ts';
import type { CheckoutRepository } from './checkout-repository.ts';

/** True when git can run git-lfs: it is in PATH or beside git's own programs. */
export async function isLfsInstalled(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const name = process.platform === 'win32' ? 'git-lfs.exe' : 'git-lfs';
  const folders = [...(env['PATH'] ?? '').split(delimiter), env['GIT_EXEC_PATH'] ?? ''].filter((path) => path !== '');
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/**
 * The filter of git-lfs as `git lfs install` sets it, whether the user did or not; its objects are taken from and kept in their storage.
 * Without git-lfs a file stays what is committed: a pointer of three lines, as in a clone of a machine that has none.
 */
export function lfsSettings(installed: boolean, storage: string): readonly GitSetting[] {
  if (!installed)
    return [
      ['filter.lfs.process', ''],
      ['filter.lfs.smudge', ''],
      ['filter.lfs.required', 'false'],
    ];
  return [
    ['filter.lfs.process', 'git-lfs filter-process'],
    ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
    ['filter.lfs.clean', 'git-lfs clean -- %f'],
    ['filter.lfs.required', 'true'],
    ['lfs.storage', storage],
  ];
}

/** The files of the checked-out commit that git-lfs handles, by their attributes. */
export async function lfsFiles(repository: CheckoutRepository): Promise<Result<readonly string[], GitProblem>> {
  const listed = await runGit(repository.workTree, ['ls-files', '-z', '--', ':(attr:filter=lfs)'], repository);
  return listed.ok ? ok(listed.value.split('\0').filter((file) => file !== '')) : listed;
}
