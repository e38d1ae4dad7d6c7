import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { configFileName, findProject } from '../../config/project.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readStrayImports } from '../../doctor/ui/read-ui.ts';
import { gitLayout } from '../../git/git.ts';
import { lockFileName } from '../../lock/write.ts';
import { uncommittedLines } from '../../remedies/uncommitted.ts';
import { checkOutCommit } from '../../workspace/check-out-commit.ts';
import { compareTrees, type LocalDifference } from './compare-trees.ts';
import type { ProjectRun } from '../run/project-run.ts';
import { tipsToCheck, type PushHook, type Tip } from './tips.ts';
import type { AppContext } from '../context.ts';

/** What a preflight is asked. */
export interface PreflightOptions extends Pick<
  ProjectRun,
  'steps' | 'cold' | 'failFast' | 'jobs' | 'workspace' | 'caller'
> {
  /** The revision to check; HEAD by default. */
  readonly commit?: string;
  /** The hook that calls: what is pushed is checked. */
  readonly hook?: PushHook;
  /** Where git writes for a pre-push hook what is pushed. */
  readonly stdin: NodeJS.ReadStream;
  /** Runs the pipeline in a checkout; gives how bad its end is, 0 for a run that passed. */
  readonly run: (context: AppContext, run: ProjectRun) => Promise<Result<number>>;
}

/**
 * Runs the pipeline on a clean checkout of each commit that is to be checked, with the commit's own lock, as CI will run it. The folder called in
 * is the folder started in there. Gives the worst of the runs' ends.
 */
export async function checkCommits(context: AppContext, options: PreflightOptions): Promise<Result<number>> {
  // A linked worktree and a submodule are repositories to push from, so the innermost counts.
  const layout = await gitLayout(context.cwd);
  if (!layout.ok) {
    const { reason, message, next } = layout.error;
    if (reason === 'git-missing') return err(failure('host-tool-missing', message, { next: 'install git' }));
    if (reason === 'git-refused')
      return err(failure('repository-invalid', message, next === undefined ? {} : { next }));
    return err(
      failure('usage', `${message}: there is no commit to check`, {
        next: 'to check the files as they are: parity up',
      }),
    );
  }
  const { topLevel } = layout.value;
  const tips = await tipsToCheck(context, topLevel, options);
  if (!tips.ok) return tips;
  let worst = 0;
  for (const tip of tips.value) {
    const code = await checkTip(context, options, topLevel, tip);
    if (!code.ok) return code;
    worst = Math.max(worst, code.value);
    if (context.signal.aborted) break;
  }
  return ok(worst);
}

async function checkTip(
  context: AppContext,
  options: PreflightOptions,
  topLevel: string,
  { commit, name }: Tip,
): Promise<Result<number>> {
  const {
    events: { emit },
    signal,
  } = context;
  const cwd = await realpath(context.cwd);
  const folder = relative(topLevel, cwd);
  const own = await findProject(cwd);
  const project = own.ok ? slashed(relative(topLevel, own.value.dir)) : slashed(folder);
  let dir = '';
  const difference = await compareTrees({ topLevel, checkout: () => dir, commit, cwd }, project);
  tellStart(context, difference, commit, name);
  const workspace = await checkOutCommit({ topLevel, commit, emit, signal });
  if (!workspace.ok) return workspace;
  dir = workspace.value.dir;
  const { release } = workspace.value;
  try {
    const start = join(dir, folder);
    if (!existsSync(start)) {
      const message = `the folder ${slashed(folder)} is not in ${commit.slice(0, 7)}`;
      return err(failure('usage', message, { next: 'git add .' }));
    }
    const config = await difference.about(inProject(project, configFileName));
    if (config !== undefined) emit({ type: 'note', severity: 'warning', message: config });
    await tellStrayImports(context, { topLevel, checkout: dir, commit }, difference);
    const lockLine = await difference.about(inProject(project, lockFileName));
    const { steps, cold, failFast, jobs, workspace = 'auto' } = options;
    return await options.run(
      { ...context, cwd: start },
      {
        steps,
        cold,
        failFast,
        workspace,
        frozen: true,
        command: 'preflight',
        ...(jobs === undefined ? {} : { jobs }),
        ...(own.ok ? { keepFor: own.value.dir } : {}),
        advise: difference.advise,
        explain: (reason) => explained(reason, commit, lockLine),
        ...(options.caller === undefined ? {} : { caller: options.caller }),
      },
    );
  } finally {
    await release();
  }
}

/** What tsc would only say after the UI was installed: imports that find their files in the work tree alone. */
async function tellStrayImports(
  { events: { emit }, cwd }: AppContext,
  trees: { readonly topLevel: string; readonly checkout: string; readonly commit: string },
  { changed }: LocalDifference,
): Promise<void> {
  const untracked = new Set(changed.filter(({ state }) => state === 'untracked').map(({ path }) => path));
  const stray = await readStrayImports(trees.checkout, {
    topDir: trees.topLevel,
    isUntracked: (path) => untracked.has(path),
  });
  const here = await realpath(cwd);
  for (const { path, span, raw, found, state } of stray.slice(0, strayShownAtMost)) {
    const [line] = uncommittedLines(
      [state === 'other-case' ? { path: found, state, requested: raw } : { path: found, state }],
      {
        commit: trees.commit.slice(0, 7),
        typed: (file) => relative(here, join(trees.topLevel, file)),
        ignoredBy: new Map(),
      },
    );
    const message = `${path}:${span.line}:${span.column} imports ${raw}: ${line ?? found}`;
    emit({ type: 'note', severity: 'warning', message });
  }
}

const strayShownAtMost = 5;

function tellStart(
  { events: { emit } }: AppContext,
  { changed }: LocalDifference,
  commit: string,
  name?: string,
): void {
  const here = changed.filter(({ state }) => state !== 'elsewhere').length;
  const what = `checking ${commit.slice(0, 7)}${name === undefined ? '' : ` (${name})`}`;
  const files = here === 1 ? '1 file here is not in it' : `${here} files here are not in it`;
  emit({ type: 'note', severity: 'note', message: here === 0 ? what : `${what}: ${files}` });
}

/** A missing or stale lock is the commit's: CI has no other. What is here uncommitted is what to commit. */
function explained(reason: Failure, commit: string, lockLine: string | undefined): Failure {
  if (reason.reason !== 'lock-missing' && reason.reason !== 'lock-stale') return reason;
  const message =
    reason.reason === 'lock-missing'
      ? `${commit.slice(0, 7)} has no ${lockFileName}`
      : `${commit.slice(0, 7)}: ${reason.message}`;
  return { ...reason, message, ...(lockLine === undefined ? {} : { next: lockLine }) };
}

function inProject(project: string, file: string): string {
  return project === '' ? file : `${project}/${file}`;
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
