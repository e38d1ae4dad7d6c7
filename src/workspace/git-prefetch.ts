import { realpathSync } from 'node:fs';
import type { Result } from '../core/result.ts';
import type { GitProblem } from '../git/git.ts';
import { plainLayout } from '../git/plain-layout.ts';
import { statDirtyFiles } from '../git/possibly-changed.ts';
import { workTreeStatus, type WorkTreeStatus } from '../git/work-tree.ts';
import { stampIndex, type IndexStamp } from './work-tree-stamp.ts';

/** Git's answers about a work tree, asked for before the rest of parity is loaded: git works meanwhile. */
export interface GitPrefetch {
  /** The work tree's top level. */
  readonly root: string;
  /** The index before git was asked. */
  readonly index: IndexStamp | undefined;
  readonly status: Promise<Result<WorkTreeStatus, GitProblem>>;
  /** As statDirtyFiles. */
  readonly dirty: Promise<Result<readonly string[], GitProblem>>;
}

/** Asks git about the repository of a folder; undefined where it is no ordinary one. */
export function startGitPrefetch(folder: string, now: number = Date.now()): GitPrefetch | undefined {
  let root: string | undefined;
  try {
    root = plainLayout(realpathSync.native(folder))?.topLevel;
  } catch {
    // The folder is gone: the command says so.
  }
  if (root === undefined) return undefined;
  return { root, index: stampIndex(root, now), status: workTreeStatus(root), dirty: statDirtyFiles(root) };
}
