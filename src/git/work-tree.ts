import { ok, type Result } from '../core/result.ts';
import { runGitBytes, type GitProblem } from './git.ts';
import { pathsOf } from './path-text.ts';

/** How a work tree stands to its commit. */
export interface WorkTreeStatus {
  /** HEAD, 40 (or 64) hex digits; undefined before the first commit. */
  readonly commit: string | undefined;
  /** Tracked paths that are not as in the commit: changed, added, deleted, in conflict; of submodules the submodule's. */
  readonly changed: readonly string[];
  /** Every file that is neither tracked nor ignored; a nested repository is one entry that ends in `/`. */
  readonly untracked: readonly string[];
}

/** The paths of a work tree's index, relative to the folder asked, each once, in byte order; Err as runGit. */
export async function indexedPaths(dir: string): Promise<Result<readonly string[], GitProblem>> {
  return listed(dir, ['ls-files', '-z', '--cached']);
}

/** The paths of an index, and those of them that it says nothing of: assumed unchanged, left out of the work tree, in conflict. */
export interface IndexedFiles {
  /** Relative to the folder asked, each once, in byte order. */
  readonly paths: readonly string[];
  readonly unreliable: readonly string[];
}

/** As indexedPaths, and also the paths whose stat data in the index prove nothing. */
export async function indexedFiles(dir: string): Promise<Result<IndexedFiles, GitProblem>> {
  const tagged = await listed(dir, ['ls-files', '-z', '-v', '--cached']);
  if (!tagged.ok) return tagged;
  // `H path`; another letter, or a small one, for what is odd.
  const unreliable = tagged.value.filter((entry) => !entry.startsWith('H '));
  return ok({
    paths: tagged.value.map((entry) => entry.slice(2)),
    unreliable: unreliable.map((entry) => entry.slice(2)),
  });
}

/** As indexedPaths, with what is neither tracked nor ignored (a nested repository is one entry that ends in `/`) after it. */
export async function visiblePaths(dir: string): Promise<Result<readonly string[], GitProblem>> {
  return listed(dir, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
}

async function listed(dir: string, args: readonly string[]): Promise<Result<readonly string[], GitProblem>> {
  const answer = await runGitBytes(dir, args);
  if (!answer.ok) return answer;
  const paths = pathsOf(answer.value);
  // A file in conflict is listed once for each of its stages, one after the other.
  return ok(paths.filter((path, index) => path !== paths[index - 1]));
}

/** HEAD, and what differs from it; paths relative to the top level, which must be the folder asked. Err as runGit. */
export async function workTreeStatus(topLevel: string): Promise<Result<WorkTreeStatus, GitProblem>> {
  const settings = ['-c', 'status.renames=false', '-c', 'status.relativePaths=false'];
  const form = ['--porcelain=v2', '--branch', '-z', '--untracked-files=all', '--ignore-submodules=none'];
  const answer = await runGitBytes(topLevel, [...settings, 'status', ...form]);
  if (!answer.ok) return answer;
  let commit: string | undefined;
  const changed: string[] = [];
  const untracked: string[] = [];
  for (const record of pathsOf(answer.value)) {
    const head = /^# branch\.oid ([0-9a-f]+)$/.exec(record)?.[1];
    if (head !== undefined) commit = head;
    else if (record.startsWith('? ')) untracked.push(record.slice(2));
    // `1 XY sub mH mI mW hH hI path` and `u XY sub m1 m2 m3 mW h1 h2 h3 path`
    else if (record.startsWith('1 ')) changed.push(afterFields(record, 8));
    else if (record.startsWith('u ')) changed.push(afterFields(record, 10));
  }
  return ok({ commit, changed, untracked });
}

/** Files that the user is in the middle of staging or merging, relative to the top level; a file is in one of both. */
export interface FilesInProgress {
  /** Staged, and changed again since: the commit will not have what the work tree has. */
  readonly partlyStaged: readonly string[];
  /** In conflict: a merge, a rebase or the like is not over. */
  readonly inConflict: readonly string[];
}

/** What is neither as the index has it nor untouched by it; submodules have files of their own to ask for. Err as runGit. */
export async function filesInProgress(topLevel: string): Promise<Result<FilesInProgress, GitProblem>> {
  const settings = ['-c', 'status.renames=false', '-c', 'status.relativePaths=false'];
  const form = ['--porcelain=v2', '-z', '--untracked-files=no', '--ignore-submodules=all'];
  const answer = await runGitBytes(topLevel, [...settings, 'status', ...form]);
  if (!answer.ok) return answer;
  const records = pathsOf(answer.value);
  return ok({
    partlyStaged: records.filter((record) => /^1 [^.][^.] /.test(record)).map((record) => afterFields(record, 8)),
    inConflict: records.filter((record) => record.startsWith('u ')).map((record) => afterFields(record, 10)),
  });
}

function afterFields(record: string, fields: number): string {
  let at = 0;
  for (let field = 0; field < fields; field += 1) at = record.indexOf(' ', at) + 1;
  return record.slice(at);
}
