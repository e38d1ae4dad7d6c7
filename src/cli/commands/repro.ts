import { join, resolve } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { findProject } from '../../config/project.ts';
import { loadProjectConfig } from '../../app/project/project-config.ts';
import { planSteps } from '../../config/plan.ts';
import { shortDigest } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { shellWord } from '../../core/shell-word.ts';
import { runGit } from '../../git/git.ts';
import { lockDigest } from '../../lock/digest.ts';
import { readLock } from '../../lock/read.ts';
import { shardSteps } from '../../pipeline/shard.ts';
import { resolveStepVariables } from '../../pipeline/step-variables.ts';
import { compareReceipts } from '../../receipt/compare-receipts.ts';
import { readReceipt, type NamedReceipt } from '../../receipt/read-receipt.ts';
import type { ReceiptStep } from '../../receipt/receipt.ts';
import { envDifferences, fileDifferences, reproduction } from '../../receipt/reproduction.ts';
import { reproText } from '../../report/repro-text.ts';
import { createPaint } from '../../report/paint.ts';
import { checkOutCommit } from '../../workspace/check-out-commit.ts';
import { readContents } from '../../workspace/workspace-contents.ts';
import { planWorkspace } from '../../workspace/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun, exitCodes } from '../exit.ts';
import { runProject } from '../../app/run/run-project.ts';

/** What `parity repro` is asked. */
export interface ReproOptions {
  /** A file, a folder that holds one, or `-`. */
  readonly receipt: string;
  /** The first that failed by default. */
  readonly step?: string;
  /** Goes on although files of that run are in no commit. */
  readonly dirtyOk: boolean;
}

/**
 * `parity repro`: one step of a recorded run once more, with what it needs: that commit in a clean checkout, that lock. Gives 0 when it ends as
 * it did there, 1 when it does not.
 */
export async function repro(context: CommandContext, options: ReproOptions): Promise<Result<number>> {
  const read = await readReceipt(options.receipt, {
    cwd: (path) => resolve(context.cwd, path),
    stdin: context.terminal.stdin,
  });
  if (!read.ok) return read;
  const step = wantedStep(read.value, options.step);
  if (!step.ok) return step;
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const workspace = await planWorkspace(project.value.dir);
  if (!workspace.ok) return workspace;
  const topLevel = workspace.value.hostRoot;
  const commit = await presentCommit(topLevel, read.value);
  if (!commit.ok) return commit;
  const checkout = await checkOutCommit({
    topLevel,
    commit: commit.value,
    emit: context.events.emit,
    signal: context.signal,
  });
  if (!checkout.ok) return checkout;
  try {
    return await reproduceIn(checkout.value.dir, context, {
      ...options,
      topLevel,
      there: read.value,
      step: step.value,
    });
  } finally {
    await checkout.value.release();
  }
}

interface Reproducing {
  readonly topLevel: string;
  readonly there: NamedReceipt;
  readonly step: ReceiptStep;
  readonly dirtyOk: boolean;
}

async function reproduceIn(
  dir: string,
  context: CommandContext,
  { topLevel, there, step, dirtyOk }: Reproducing,
): Promise<Result<number>> {
  const { receipt, name } = there;
  const cwd = join(dir, receipt.project);
  const files = await sameFiles(dir, context, there, dirtyOk);
  if (!files.ok) return files;
  const lock = await sameLock(cwd, there);
  if (!lock.ok) return lock;
  const project = await findProject(cwd);
  if (!project.ok) return project;
  const config = await loadProjectConfig(project.value);
  if (!config.ok) return config;
  const plan = planSteps(config.value.pipeline, [step.name]);
  if (!plan.ok) return plan;
  const { steps } = plan.value;
  const variables = warnOfVariables(context, there, steps);
  if (!variables.ok) return variables;
  const { shard } = receipt.options;
  const isDivided = shard !== null && shardSteps(steps, shard).divided.has(step.name);
  const { finished, receipt: made } = await runProject(
    { ...context, cwd },
    {
      steps: [step.name],
      cold: receipt.options.cold,
      frozen: true,
      noCache: true,
      failFast: false,
      command: 'repro',
      keepFor: join(topLevel, receipt.project),
      caller: context.invocation,
      ...(isDivided ? { shard } : {}),
    },
  );
  const again = made?.steps.find((candidate) => candidate.name === step.name);
  // The events have said why.
  if (finished.failure !== undefined || made === undefined || again === undefined) return ok(exitCodeOfRun(finished));
  const found = reproduction(step, again, made.steps);
  const runs = { there: { name, receipt }, here: { name: 'this run', receipt: made } };
  const comparison = compareReceipts(receipt, made);
  if (context.terminal.json) {
    const { differences } = comparison;
    context.terminal.print(
      JSON.stringify({ type: 'reproduced', schemaVersion: 1, step: step.name, ...found, differences }),
    );
  } else context.terminal.print(reproText(found, step, comparison, runs, createPaint(context.terminal.color)));
  return ok(found.reproduced ? exitCodes.yes : exitCodes.no);
}

function wantedStep({ name, receipt }: NamedReceipt, asked: string | undefined): Result<ReceiptStep> {
  const names = receipt.steps.map((step) => step.name).join(', ');
  if (asked !== undefined) {
    const step = receipt.steps.find((candidate) => candidate.name === asked);
    if (step !== undefined) return ok(step);
    return err(failure('usage', `${name} has no step ${asked}`, { next: `name one of them: ${names}` }));
  }
  const failed = receipt.steps.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) return ok(failed);
  return err(failure('usage', `no step failed in ${name}`, { next: `name one of its steps: ${names}` }));
}

async function presentCommit(topLevel: string, { name, receipt }: NamedReceipt): Promise<Result<string>> {
  const { commit } = receipt;
  if (commit === null)
    return err(
      failure('usage', `${name} was made without a commit: its files are nowhere to be had`, {
        next: 'parity compare shows what differs here',
      }),
    );
  const there = await runGit(topLevel, ['cat-file', '-e', `${commit}^{commit}`]);
  if (there.ok) return ok(commit);
  if (there.error.reason === 'not-a-repository')
    return err(
      failure('usage', `${topLevel} is in no git repository, and ${name} is of commit ${commit.slice(0, 12)}`, {
        next: `run it in a clone, or name one: parity repro ${shellWord(name)} --cwd DIR`,
      }),
    );
  return err(
    failure('repository-invalid', `commit ${commit.slice(0, 12)} of ${name} is not in this repository`, {
      next: `git fetch origin ${commit}`,
    }),
  );
}

/** Err when files of that run are not as in its commit, unless that is all right. */
async function sameFiles(
  dir: string,
  context: CommandContext,
  { name, receipt }: NamedReceipt,
  dirtyOk: boolean,
): Promise<Result<void>> {
  const contents = await readContents(dir, { signal: context.signal });
  if (!contents.ok) return contents;
  await contents.value.saveCache();
  const other = fileDifferences(receipt, contents.value.files);
  if (other.length === 0) return ok(undefined);
  const shown = other.slice(0, 20).map(({ path, change }) => `  ${path} (${change})`);
  const rest = other.length > shown.length ? [`  and ${other.length - shown.length} more`] : [];
  const list = [...shown, ...rest].join('\n');
  const message = `${name} was made with files that are not as in its commit`;
  if (receipt.dirty && !dirtyOk)
    return err(
      failure('usage', `${message}, and those can't be had`, {
        detail: list,
        next: 'leave them out: the same command with --dirty-ok',
      }),
    );
  context.events.emit({ type: 'note', severity: 'warning', message: `${message}; here they are as in it:\n${list}` });
  return ok(undefined);
}

async function sameLock(projectDir: string, { name, receipt }: NamedReceipt): Promise<Result<void>> {
  const lock = await readLock(projectDir);
  if (!lock.ok) return lock;
  const commit = receipt.commit?.slice(0, 12) ?? '';
  const refused = (message: string): Failure =>
    failure('lock-stale', message, {
      next: 'parity lock, commit parity.lock.json, and let that run again (parity up --frozen uses no other)',
    });
  if (lock.value === undefined)
    return err(refused(`commit ${commit} has no parity.lock.json: ${name} was made with one that was not committed`));
  const own = lockDigest(lock.value);
  if (own === receipt.lock) return ok(undefined);
  return err(
    refused(
      `the lock of commit ${commit} is not that of ${name}: it pins ${shortDigest(own)}, that run had ${shortDigest(receipt.lock)}`,
    ),
  );
}

/** Says which variables can't be as they were. */
function warnOfVariables(
  context: CommandContext,
  { name, receipt }: NamedReceipt,
  steps: readonly StepConfig[],
): Result<void> {
  const surroundings = resolveStepVariables(steps, context.env);
  if (!surroundings.ok) return surroundings;
  const { other, unknown } = envDifferences(receipt, steps, surroundings.value.byStep);
  for (const { step, variable, here } of other) {
    const message = `${variable} of ${step} ${here ? `has another value here than in ${name}` : `is not set here, and was in ${name}`}`;
    context.events.emit({ type: 'note', severity: 'warning', message, hint: `export ${variable}=… as it is there` });
  }
  if (unknown.length > 0) {
    const message = `nobody can tell whether secrets are those of ${name}: ${unknown.join(', ')}`;
    context.events.emit({ type: 'note', severity: 'note', message });
  }
  return ok(undefined);
}
