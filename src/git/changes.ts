import { ok, type Result } from '../core/result.ts';
import { runGit, type GitProblem } from './git.ts';

/** A file of a work tree that a commit has not, or has otherwise. */
export interface ChangedFile {
  /** Relative to the work tree's top, `/` between. */
  readonly path: string;
  /** `elsewhere`: committed in HEAD, but not in the commit that was asked about. */
  readonly state: 'untracked' | 'modified' | 'deleted' | 'elsewhere';
}

/** What a work tree has otherwise than a commit, ignored files aside, in byte order of the paths; `topLevel` is its top. Err as runGit. */
export async function filesChangedSince(
  topLevel: string,
  commit: string,
): Promise<Result<readonly ChangedFile[], GitProblem>> {
  const head = await runGit(topLevel, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  const isHead = head.ok && head.value.trim() === commit;
  const [fromCommit, fromHead, others] = await Promise.all([
    differences(topLevel, commit),
    isHead || !head.ok ? undefined : differences(topLevel, 'HEAD'),
    runGit(topLevel, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  if (!fromCommit.ok) return fromCommit;
  if (fromHead?.ok === false) return fromHead;
  if (!others.ok) return others;
  const untracked = new Set(others.value.split('\0').filter((path) => path !== ''));
  const uncommitted = fromHead?.value;
  const files: ChangedFile[] = [];
  for (const [path, status] of fromCommit.value) {
    // Taken out of the index, yet still there: as the commit has it, or as good as.
    if (untracked.delete(path)) continue;
    // Committed since, so there is nothing to commit; what was added since is worth knowing.
    const isCommitted = uncommitted !== undefined && !uncommitted.has(path);
    if (isCommitted && status === 'A') files.push({ path, state: 'elsewhere' });
    if (isCommitted) continue;
    files.push({ path, state: status === 'A' ? 'untracked' : status === 'D' ? 'deleted' : 'modified' });
  }
  for (const path of untracked) files.push({ path, state: 'untracked' });
  return ok(files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))));
}

/** Tracked files whose content in the work tree differs from a commit's: path → A, D, M or T. */
async function differences(topLevel: string, commit: string): Promise<Result<ReadonlyMap<string, string>, GitProblem>> {
  const args = [
    'diff',
    '--name-status',
    '-z',
    '--no-renames',
    '--no-ext-diff',
    '--ignore-submodules=dirty',
    commit,
    '--',
  ];
  const answer = await runGit(topLevel, args);
  if (!answer.ok) return answer;
  const fields = answer.value.split('\0');
  const found = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) found.set(fields[at + 1] ?? '', fields[at] ?? '');
  return ok(found);
}

/** What git ignores in a work tree: files, and with a `/` at the end folders that are ignored as a whole. Err as runGit. */
export async function ignoredFiles(topLevel: string): Promise<Result<readonly string[], GitProblem>> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const answer = await runGit(topLevel, args);
  return answer.ok ? ok(answer.value.split('\0').filter((path) => path !== '')) : answer;
}

/** The line that makes git ignore each of these files, `.gitignore:3: *.local.json`; those that are not ignored are absent. */
export async function ignoreRules(topLevel: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rules = new Map<string, string>();
  for (const path of paths) {
    const answer = await runGit(topLevel, ['check-ignore', '--verbose', '--no-index', '--', path]);
    // `.gitignore:3:*.local.json`, a tab and the path
    const rule = answer.ok ? /^([^\t]*?:\d+):([\s\S]*)\t/.exec(answer.value) : null;
    if (rule !== null) rules.set(path, `${rule[1]}: ${rule[2]}`);
  }
  return rules;
}

/** The branch that HEAD is on; undefined when it is on none. */
export async function currentBranch(dir: string): Promise<string | undefined> {
  const answer = await runGit(dir, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return answer.ok ? answer.value.trim() : undefined;
}

/** The commit that a revision names (a tag's, too), all its digits; Err when it names none. */
export async function commitOf(dir: string, revision: string): Promise<Result<string, GitProblem>> {
  const answer = await runGit(dir, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  return answer.ok ? ok(answer.value.trim()) : answer;
}
