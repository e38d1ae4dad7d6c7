import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../core/failure.ts';
import { fileFailure } from '../core/file-failure.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';
import { gitLayout } from '../git/git.ts';
import { hasCommit, readSource, type SourceRepository } from '../git/source-repository.ts';
import { claimFolder, type Claim } from './checkouts/claim-folder.ts';
import { removeUnusedCheckouts } from './checkouts/remove-unused-checkouts.ts';
import { currentCheckout, mountPointsOf, newCheckout, repositoryFolder } from './checkouts/checkout-folders.ts';
import { checkOutTree, shortCommit, type TreeRequest } from './checkouts/check-out-tree.ts';

/** A clean checkout of one commit, which no other process uses until it is released. */
export interface CommitWorkspace {
  /** The checkout's top level, absolute and real. */
  readonly dir: string;
  /** Lets the next run have the folder; never throws. */
  release(): Promise<void>;
}

/** Which commit is wanted. */
export interface CommitRequest {
  /** The top level of a work tree of the user's, absolute: nothing in it or its repository is changed. */
  readonly topLevel: string;
  /** All 40 (or 64) digits. */
  readonly commit: string;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/**
 * Checks out a commit into parity's cache as CI would: all its files and no others, submodules and git-lfs included, HEAD detached. The folder
 * is kept, so that the next commit costs its changed files only; a second run at the same time has a folder of its own. Objects are borrowed
 * from the user's repository. Err `usage` outside git, `repository-invalid` when the commit is not whole there, `network` when a partial clone
 * or git-lfs could not fetch, `disk-full`, `io`, `interrupted`.
 */
export async function checkOutCommit(request: CommitRequest): Promise<Result<CommitWorkspace>> {
  const { topLevel, commit, emit, signal } = request;
  const layout = await gitLayout(topLevel);
  if (!layout.ok) {
    const { reason, message, next } = layout.error;
    const kind =
      reason === 'git-missing' ? 'host-tool-missing' : reason === 'git-refused' ? 'repository-invalid' : 'usage';
    return err(failure(kind, message, next === undefined ? {} : { next }));
  }
  const { gitDir, commonDir } = layout.value;
  const source = await readSource({ gitDir, commonDir }, layout.value.topLevel);
  if (!source.ok) return err(failure('repository-invalid', source.error.message));
  if (!(await hasCommit(gitDir, commit))) {
    const next = `git fetch origin ${commit}`;
    return err(failure('repository-invalid', `the commit ${shortCommit(commit)} is not in this repository`, { next }));
  }
  const phase = { phase: 'checkout', id: commit } as const;
  const begun = performance.now();
  emit({ ...phase, type: 'phase-started', title: shortCommit(commit) });
  const done = await inFreeSlot(request, { source: source.value, sourceTree: layout.value.topLevel });
  const result = done.ok ? shortCommit(commit) : done.error.message;
  emit({ ...phase, type: 'phase-finished', ok: done.ok, result, durationMs: performance.now() - begun });
  return done.ok || !signal.aborted ? done : err(signal.reason as typeof done.error);
}

type Origin = Pick<TreeRequest, 'source' | 'sourceTree'>;

async function inFreeSlot(request: CommitRequest, origin: Origin): Promise<Result<CommitWorkspace>> {
  let claim: Claim | undefined;
  try {
    const folder = repositoryFolder(origin.source.commonDir);
    await mkdir(folder, { recursive: true });
    await recordRepositoryName(folder, origin.source);
    let number = 0;
    let slot = '';
    while (claim === undefined) {
      number += 1;
      slot = join(folder, String(number));
      claim = await claimFolder(slot);
    }
    const dir = await checkOutInSlot(slot, request, origin);
    if (!dir.ok) {
      await claim.release();
      return dir;
    }
    const { release } = claim;
    return ok({ dir: await realpath(dir.value), release });
  } catch (error) {
    await claim?.release();
    return err(fileFailure(error, `${shortCommit(request.commit)} cannot be checked out`));
  }
}

/** Says whose checkouts these are, for clean-up. */
async function recordRepositoryName(folder: string, { commonDir }: SourceRepository): Promise<void> {
  const file = join(folder, 'repository');
  if ((await readFile(file, 'utf8').catch(() => '')) !== `${commonDir}\n`) await writeFileWhole(file, `${commonDir}\n`);
}

async function checkOutInSlot(slot: string, request: CommitRequest, origin: Origin): Promise<Result<string>> {
  const { commit, emit, signal } = request;
  const put = async (dir: string): Promise<Result<string>> => {
    const repository = { gitDir: join(dir, '.git'), workTree: dir };
    const keptFolders = mountPointsOf(dir);
    const done = await checkOutTree(repository, { ...origin, commit, emit, signal, keptFolders, prefix: '' });
    return done.ok ? ok(dir) : done;
  };
  const known = await currentCheckout(slot);
  if (known !== undefined) {
    const updated = await put(known);
    // Whatever a killed run, a full disk or a step has left there that git can't mend: a new one has none of it.
    if (updated.ok || updated.error.reason !== 'io' || signal.aborted) return updated;
  } else await removeUnusedCheckouts({ all: false });
  return await put(await newCheckout(slot));
}
