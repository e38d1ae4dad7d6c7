import { ok, type Result } from '../core/result.ts';
import { runGitBytes, type GitProblem } from './git.ts';
import { pathsOf } from './path-text.ts';

/** The files of a work tree that are not known to be unchanged since git's index; paths relative to the folder of the call. */
export interface PossiblyChanged {
  /** Tracked, but with other stat data than the index has, or none; what was written in the moment of the index counts only when its content differs. */
  readonly dirty: readonly string[];
  /** Neither tracked nor ignored; a nested repository is one entry that ends in `/`. */
  readonly untracked: readonly string[];
}

// Whatever a repository's config says, every field of the stat data counts, the executable bit too.
const exactly = ['core.fileMode=true', 'core.trustctime=true', 'core.checkStat=default'].flatMap((set) => ['-c', set]);

/** Asks git which files it would have to read to know them: the stat data of all others are those of the index. Err as runGit. */
export async function possiblyChangedFiles(topLevel: string): Promise<Result<PossiblyChanged, GitProblem>> {
  const [dirty, others] = await Promise.all([
    statDirtyFiles(topLevel),
    runGitBytes(topLevel, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  if (!dirty.ok) return dirty;
  return others.ok ? ok({ dirty: dirty.value, untracked: pathsOf(others.value) }) : others;
}

/** The `dirty` of possiblyChangedFiles alone. */
export async function statDirtyFiles(topLevel: string): Promise<Result<readonly string[], GitProblem>> {
  const args = [...exactly, 'diff-files', '-z', '--name-only', '--ignore-submodules=none'];
  const differing = await runGitBytes(topLevel, args);
  if (!differing.ok) return differing;
  const dirty = pathsOf(differing.value);
  return ok(dirty.filter((path, at) => path !== dirty[at - 1]));
}

/** Whether the index has no flags that hide changes: no file is assumed unchanged, none is left out of the work tree. Err as runGit. */
export async function indexIsPlain(topLevel: string): Promise<Result<boolean, GitProblem>> {
  const listed = await runGitBytes(topLevel, ['ls-files', '-v', '-z']);
  return listed.ok ? ok(pathsOf(listed.value).every((entry) => entry.startsWith('H '))) : listed;
}
