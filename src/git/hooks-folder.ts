import { resolve } from 'node:path';
import { ok, type Result } from '../core/result.ts';
import { runGit, type GitLayout, type GitProblem } from './git.ts';

/** Where git looks for a work tree's hooks. */
export interface HooksFolder {
  /** Absolute; it may not exist. */
  readonly dir: string;
  /** `repository`: in the git folder, nobody else's. `tree`: among the files that are committed. `shared`: outside, for other repositories too. */
  readonly kind: 'repository' | 'tree' | 'shared';
  /** True when core.hooksPath names it. */
  readonly isSet: boolean;
}

/** Finds the folder that git runs a work tree's hooks from, core.hooksPath included. Err as runGit. */
export async function hooksFolder(
  layout: Pick<GitLayout, 'topLevel' | 'commonDir'>,
): Promise<Result<HooksFolder, GitProblem>> {
  const { topLevel, commonDir } = layout;
  // Parity's own runs of git have no hooks, by a setting of the command line: that one is not the user's.
  const args = ['config', '--null', '--show-scope', '--type=path', '--get-all', 'core.hooksPath'];
  const answer = await runGit(topLevel, args);
  if (!answer.ok) return answer;
  const fields = answer.value.split('\0');
  const values = fields.flatMap((scope, at) => (at % 2 === 0 && scope !== 'command' ? [fields[at + 1] ?? ''] : []));
  const set = values.filter((value) => value !== '').at(-1);
  // Git takes a relative one from where hooks run: the top of the work tree.
  const dir = set === undefined ? resolve(commonDir, 'hooks') : resolve(topLevel, set);
  const isIn = (folder: string): boolean => `${dir}/`.startsWith(`${folder}/`);
  const kind = isIn(commonDir) ? 'repository' : isIn(topLevel) ? 'tree' : 'shared';
  return ok({ dir, kind, isSet: set !== undefined });
}
