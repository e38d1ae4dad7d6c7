import { realpath } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { GitProblem } from '../../git/git.ts';
import { isLfsInstalled, lfsFiles, lfsSettings } from '../../git/lfs.ts';
import {
  borrowedSettings,
  cleanTree,
  prepareRepository,
  gitlinksOf,
  checkOutFiles,
  type Gitlink,
  type CheckoutRepository,
} from '../../git/checkout-repository.ts';
import {
  runGitInSource,
  gitFolderOf,
  hasCommit,
  readSource,
  type SourceRepository,
} from '../../git/source-repository.ts';

/** What is to lie in a checkout. */
export interface TreeRequest {
  readonly commit: string;
  /** The user's repository. */
  readonly source: SourceRepository;
  /** The user's work tree of it, where submodules may have their git folders; absolute. */
  readonly sourceTree: string;
  /** Folders that clean-up leaves, relative to the work tree. */
  readonly keptFolders: readonly string[];
  /** What a submodule is called for people: its path from the top, with a `/` at its end; empty for the top itself. */
  readonly prefix: string;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/**
 * Makes a work tree that of a commit, with its submodules and theirs and what git-lfs keeps. Err `repository-invalid` when something that
 * the commit needs is not in the user's repositories, `network` when it could not be fetched, `disk-full`, `io`, `interrupted`.
 */
export async function checkOutTree(repository: CheckoutRepository, request: TreeRequest): Promise<Result<void>> {
  const { commit, source, keptFolders, prefix, emit, signal } = request;
  try {
    const prepared = await prepareRepository(repository, source);
    if (!prepared.ok) return err(checkOutFailure(prepared.error, request));
    const lfs = await isLfsInstalled();
    const borrowed = await borrowedSettings(repository, source.transport);
    const settings = [...borrowed, ...lfsSettings(lfs, source.lfsStorage)];
    const put = await checkOutFiles(repository, commit, { settings, signal });
    if (!put.ok) return err(checkOutFailure(put.error, request));
    const cleaned = await cleanTree(repository, keptFolders, { signal });
    if (!cleaned.ok) return err(checkOutFailure(cleaned.error, request));
    if (!lfs) await warnOfPointers(repository, prefix, emit);
    const links = await gitlinksOf(repository);
    if (!links.ok) return err(checkOutFailure(links.error, request));
    for (const link of links.value) {
      const done = await checkOutSubmodule(repository, link, request);
      if (!done.ok) return done;
    }
    return ok(undefined);
  } catch (error) {
    return err(fileFailure(error, `${shortCommit(commit)} cannot be checked out`));
  }
}

async function checkOutSubmodule(
  outer: CheckoutRepository,
  link: Gitlink,
  request: TreeRequest,
): Promise<Result<void>> {
  const { source, sourceTree, prefix, emit } = request;
  const path = `${prefix}${link.path}`;
  const warn = (message: string, hint: string): Result<void> => {
    emit({ type: 'note', severity: 'warning', message, hint });
    return ok(undefined);
  };
  const { name } = link;
  if (name === undefined)
    return warn(
      `${path} is a submodule that .gitmodules does not name: its folder stays empty`,
      'add it to .gitmodules with: git submodule add',
    );
  // As git itself: a name is a folder below `modules`, a path a folder below the work tree, and neither leads elsewhere.
  if (isAbsolute(name) || name.split(/[\\/]/).includes('..'))
    return err(failure('repository-invalid', `.gitmodules has a submodule with the name ${JSON.stringify(name)}`));
  const workTree = join(outer.workTree, link.path);
  if ((await realpath(workTree)) !== join(await realpath(outer.workTree), link.path))
    return err(failure('repository-invalid', `the submodule ${path} lies behind a symbolic link`));
  const initialise = `git submodule update --init ${shellWord(path)}`;
  const places = [
    await gitFolderOf(join(sourceTree, link.path)),
    await gitFolderAt(join(source.gitDir, 'modules', name)),
    await gitFolderAt(join(source.commonDir, 'modules', name)),
  ].filter((place) => place !== undefined);
  if (places.length === 0)
    return warn(`the submodule ${path} is not here: its folder stays empty in the checkout, too`, initialise);
  for (const gitDir of new Set(places)) {
    if (!(await hasCommit(gitDir, link.commit))) continue;
    if (!(await isPublished(gitDir, link.commit)))
      warn(
        `no remote branch of the submodule ${path} has its commit ${shortCommit(link.commit)}, as last fetched: CI will not find it`,
        `git -C ${shellWord(path)} push`,
      );
    const inner = await readSource({ gitDir, commonDir: gitDir }, join(sourceTree, link.path));
    if (!inner.ok) return err(checkOutFailure(inner.error, request));
    return await checkOutTree(
      { gitDir: join(outer.gitDir, 'modules', name), workTree },
      {
        ...request,
        commit: link.commit,
        source: inner.value,
        sourceTree: join(sourceTree, link.path),
        keptFolders: pathsBelow(request.keptFolders, link.path),
        prefix: `${path}/`,
      },
    );
  }
  return err(
    failure('repository-invalid', `the submodule ${path} is here without its commit ${shortCommit(link.commit)}`, {
      next: initialise,
    }),
  );
}

/** The folder when it is a git folder. */
async function gitFolderAt(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return undefined;
  return (await runGitInSource(real, ['rev-parse', '--git-dir'])).ok ? real : undefined;
}

/** False when the repository has remote branches and none of them, nor a tag, holds the commit. */
async function isPublished(gitDir: string, commit: string): Promise<boolean> {
  const ask = (...args: readonly string[]): ReturnType<typeof runGitInSource> =>
    runGitInSource(gitDir, ['for-each-ref', '--count=1', ...args]);
  const holding = await ask(`--contains=${commit}`, 'refs/remotes', 'refs/tags');
  if (!holding.ok || holding.value !== '') return true;
  const any = await ask('refs/remotes');
  return !any.ok || any.value === '';
}

function pathsBelow(paths: readonly string[], folder: string): readonly string[] {
  return paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
}

async function warnOfPointers(repository: CheckoutRepository, prefix: string, emit: EmitProgress): Promise<void> {
  const files = await lfsFiles(repository);
  const [first] = files.ok ? files.value : [];
  if (!files.ok || first === undefined) return;
  const more = files.value.length === 1 ? '' : ` and ${files.value.length - 1} more`;
  emit({
    type: 'note',
    severity: 'warning',
    message: `git-lfs is not installed: ${prefix}${first}${more} is only a pointer in the checkout`,
    hint: 'install git-lfs, then: git lfs pull',
  });
}

/** What a git that could not check out means; its error text is the detail. */
function checkOutFailure(problem: GitProblem, { commit, prefix, signal }: TreeRequest): Failure {
  if (signal.aborted) return signal.reason as Failure;
  const { reason, message: detail, next } = problem;
  const what = prefix === '' ? shortCommit(commit) : `${shortCommit(commit)} of the submodule ${prefix.slice(0, -1)}`;
  if (reason === 'git-missing')
    return failure('host-tool-missing', 'git is not installed', { next: 'install git, then run this again' });
  // "error: unable to write file x" with "No space left on device", "Disk quota exceeded"
  if (/no space left on device|disk quota exceeded/i.test(detail))
    return failure('disk-full', `${what} cannot be checked out: the disk is full`, {
      detail,
      next: 'free some space, then run this again',
    });
  // "fatal: could not fetch 1a2b… from promisor remote"
  if (/from promisor remote/i.test(detail))
    return failure('network', `${what} has files that this partial clone lacks, and they could not be fetched`, {
      detail,
      next: 'git fetch, then run this again',
    });
  // "error: external filter 'git-lfs filter-process' failed", "fatal: data/x.bin: smudge filter lfs failed"
  if (/smudge filter lfs failed|git-lfs/i.test(detail))
    return failure('network', `${what} has files that git-lfs could not get`, {
      detail,
      next: 'git lfs fetch, then run this again',
    });
  // "fatal: failed to unpack tree object 1a2b…", "fatal: Not a valid object name 1a2b…"
  if (
    /failed to unpack tree object|not a valid object name|bad object|unable to read sha1 file|missing blob/i.test(
      detail,
    )
  )
    return failure('repository-invalid', `${what} is not whole in this repository`, { detail, next: 'git fsck' });
  return failure('io', `${what} cannot be checked out`, { detail, ...(next === undefined ? {} : { next }) });
}

/** The first digits of a commit, for people. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}
