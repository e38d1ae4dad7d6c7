import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { planSteps } from '../../config/plan.ts';
import { compareBytes } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { inPhase } from '../../base/in-phase.ts';
import type { DraftEnvironment } from '../../environment/environment.ts';
import { environmentId } from '../../environment/environment-id.ts';
import { diffFile } from '../../fix/diff-file.ts';
import type { NotWrittenReason, Proposal, ProposedFile, StepFix } from '../../fix/fix-proposal.ts';
import { filesInProgress } from '../../git/work-tree.ts';
import { claimFolder } from '../../workspace/checkouts/claim-folder.ts';
import { readContents, type Contents } from '../../workspace/workspace-contents.ts';
import type { DraftChange, DraftChanges } from '../../workspace/copy/collect-draft.ts';
import { isSame, hostFileState } from '../../workspace/copy/host-file.ts';
import type { AppContext } from '../context.ts';
import { prepareFixes, runFix, type FixGround, type PreparedFixes } from './fix-steps.ts';
import { readyDraftEnvironment } from '../project/open-environment.ts';
import { startConnecting } from '../project/pending-engine.ts';
import type { RewriteRequest } from './rewrite-code.ts';

/** Which steps to fix. */
export interface FixRequest {
  /** Names; none = every step that has a fix command. */
  readonly steps: readonly string[];
  readonly frozen: boolean;
  /** Also make the rewrites that are certain, for the sake of steps that run mypy. */
  readonly rewrite: boolean;
}

/**
 * Runs steps' fix commands, one after the other in the pipeline's order, on a draft of the workspace: the work tree stays as it is. A
 * command that fails does not keep the next from running. Err what keeps them from being run, `usage` when none of the steps has one.
 */
export async function proposeFixes(context: AppContext, request: FixRequest): Promise<Result<Proposal>> {
  const pending = startConnecting(context);
  try {
    const { frozen } = request;
    const { checksTypes } = await import('./rewrite-code.ts');
    const rewrites = (step: StepConfig): boolean => request.rewrite && checksTypes(step);
    const prepared = await prepareFixes(context, pending, {
      frozen,
      rewrites,
      choose(pipeline) {
        // Tells unknown names; what a step needs is not fixed for its sake.
        const plan = planSteps(pipeline, request.steps);
        if (!plan.ok) return plan;
        const chosen = pipeline.filter(({ name }) => request.steps.length === 0 || request.steps.includes(name));
        return chosen.some((step) => step.fix !== undefined || rewrites(step)) ? ok(chosen) : err(nothingToRun(chosen));
      },
    });
    if (!prepared.ok) return prepared;
    const ground = await prepared.value.make();
    if (!ground.ok) return ground;
    const draft = await claimDraft(environmentId(ground.value.hostProject));
    try {
      return await onDraft(context, prepared.value, ground.value, draft.number);
    } finally {
      await draft.release();
    }
  } finally {
    void pending.close();
  }
}

async function onDraft(
  context: AppContext,
  { steps, rewriting, withoutFix, variablesOf }: PreparedFixes,
  ground: FixGround,
  draft: number,
): Promise<Result<Proposal>> {
  const {
    signal,
    events: { emit },
  } = context;
  const { hostRoot } = ground;
  let contents: Contents | undefined;
  const readDraft = async (): Promise<Result<Contents>> => {
    const read = await readContents(hostRoot, { signal });
    if (read.ok) contents = read.value;
    return read;
  };
  const environment = await readyDraftEnvironment(context, { ...ground, contents: readDraft }, draft);
  if (!environment.ok) return environment;
  const fixed: StepFix[] = [];
  let last: DraftChanges = { changes: [], refused: [] };
  try {
    if (rewriting.length > 0) {
      const files = contents?.files ?? [];
      const request = { environment: environment.value, ground, steps: rewriting, variablesOf, files };
      const rewritten = await rewriteFirst(context, request, steps.length > 0);
      if (!rewritten.ok) return rewritten;
      last = rewritten.value.changes;
      fixed.push(...rewritten.value.fixed);
    }
    for (const step of steps) {
      const begun = performance.now();
      const phase = { phase: 'fix', id: step.name } as const;
      emit({ ...phase, type: 'phase-started', title: oneLine(step.fix ?? '') });
      const done = await runInDraft(environment.value, step, variablesOf(step), signal);
      const result = done.ok ? oneLine(step.fix ?? '') : done.error.message;
      emit({ ...phase, type: 'phase-finished', durationMs: performance.now() - begun, ok: done.ok, result });
      if (!done.ok) return done;
      const { exit, changes } = done.value;
      const { step: name, command, exitCode, signal: killedBy, output } = exit;
      const changed = changedBetween(last.changes, changes.changes);
      fixed.push({
        kind: 'command',
        step: name,
        command,
        exitCode,
        signal: killedBy,
        output,
        changed,
        needs: step.needs,
      });
      last = changes;
    }
  } finally {
    await environment.value.release();
  }
  await contents?.saveCache();
  const holds = await holdsIn(hostRoot, contents?.repositories ?? []);
  if (!holds.ok) return holds;
  const files: ProposedFile[] = [];
  for (const change of last.changes) files.push(await proposed(hostRoot, change, holds.value.get(change.path)));
  return ok({ hostRoot, steps: fixed, withoutFix, files, refused: last.refused });
}

/** The rewrites come before the fix commands: what they write, a formatter has still to see. */
async function rewriteFirst(
  context: AppContext,
  request: RewriteRequest & { readonly environment: DraftEnvironment },
  mayFail: boolean,
): Promise<Result<{ readonly fixed: readonly StepFix[]; readonly changes: DraftChanges }>> {
  const {
    events: { emit },
    signal,
  } = context;
  const { rewriteCode } = await import('./rewrite-code.ts');
  const title = 'None as a default, by what mypy says, and empty defaults of dataclasses';
  const work = (): ReturnType<typeof rewriteCode> => rewriteCode(context, request);
  const rewritten = await inPhase(
    emit,
    'fix',
    'rewrite',
    title,
    work,
    (value) => value?.command ?? 'nothing to rewrite',
  );
  if (signal.aborted) return err(signal.reason as Failure);
  if (!rewritten.ok) {
    const { reason, message, detail = '', next = '' } = rewritten.error;
    if (!mayFail || reason === 'environment-lost') return rewritten;
    emit({ type: 'note', severity: 'warning', message: `${message}\n${detail}`.trimEnd(), hint: next });
  }
  const changes = await request.environment.draftChanges();
  if (!changes.ok) return changes;
  const done = rewritten.ok ? rewritten.value : undefined;
  if (done === undefined) return ok({ fixed: [], changes: changes.value });
  tellLeft(context, done.output);
  const step = request.steps.map(({ name }) => name).join(', ');
  const changed = changedBetween([], changes.value.changes);
  const fixed: StepFix = { kind: 'rewrite', step, ...done, exitCode: 0, signal: null, changed, needs: [] };
  return ok({ fixed: [fixed], changes: changes.value });
}

async function runInDraft(
  environment: DraftEnvironment,
  step: StepConfig,
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Result<{ readonly exit: Omit<StepFix, 'kind' | 'changed' | 'needs'>; readonly changes: DraftChanges }>> {
  const exit = await runFix(environment, step, variables, signal);
  if (signal.aborted) return err(signal.reason as Failure);
  if (!exit.ok) return exit;
  const changes = await environment.draftChanges();
  return changes.ok ? ok({ exit: exit.value, changes: changes.value }) : changes;
}

/** What a rewrite was not certain of, the first of it. */
function tellLeft({ events: { emit } }: AppContext, output: string): void {
  const lines = output.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return;
  const more = lines.length > mostLeft ? [`… ${lines.length - mostLeft} more: parity fix --check --verbose`] : [];
  const message = ['left to you:', ...lines.slice(0, mostLeft), ...more].join('\n');
  emit({ type: 'note', severity: 'note', message });
}

const mostLeft = 5;

/** Each with the host's bytes of now, if they are still those that were fixed. */
async function proposed(
  hostRoot: string,
  change: DraftChange,
  hold: NotWrittenReason | undefined,
): Promise<ProposedFile> {
  const { path, before, after } = change;
  const here = await hostFileState(join(hostRoot, path));
  const data = here === undefined || !isSame(here, before) ? undefined : await bytesOf(join(hostRoot, path));
  const isStale = !isSame(here, before) || (before !== undefined && data === undefined);
  const side = before === undefined || data === undefined ? undefined : { mode: before.mode, data };
  const diff = isStale ? unknownDiff : diffFile(path, side, after);
  return { change, diff, isStale, ...(hold === undefined ? {} : { hold }) };
}

const unknownDiff: ProposedFile['diff'] = { text: null, added: 0, removed: 0, remark: null };

async function bytesOf(place: string): Promise<Buffer | undefined> {
  try {
    const isLink = (await lstat(place)).isSymbolicLink();
    return isLink ? await readlink(place, { encoding: 'buffer' }) : await readFile(place);
  } catch {
    return undefined;
  }
}

/** The files of all repositories of a workspace that somebody is in the middle of. Err `repository-invalid` when git refuses to tell. */
async function holdsIn(
  hostRoot: string,
  repositories: readonly string[],
): Promise<Result<ReadonlyMap<string, NotWrittenReason>>> {
  const holds = new Map<string, NotWrittenReason>();
  for (const repository of repositories) {
    const found = await filesInProgress(join(hostRoot, repository));
    if (!found.ok) return err(failure('repository-invalid', found.error.message));
    const prefix = repository === '' ? '' : `${repository}/`;
    for (const path of found.value.partlyStaged) holds.set(`${prefix}${path}`, 'partly-staged');
    for (const path of found.value.inConflict) holds.set(`${prefix}${path}`, 'in-conflict');
  }
  return ok(holds);
}

/** The paths that are not the same in both, in byte order as they are. */
function changedBetween(before: readonly DraftChange[], after: readonly DraftChange[]): readonly string[] {
  const states = new Map(before.map(({ path, after: state }) => [path, state]));
  const changed = after.filter((change) => {
    const isNew = !states.has(change.path) || !isSame(states.get(change.path), change.after);
    states.delete(change.path);
    return isNew;
  });
  // What one command has changed and a later one has put back.
  return [...changed.map(({ path }) => path), ...states.keys()].sort(compareBytes);
}

/** A draft that no other run uses now: two runs at once would see each other's changes in one. */
async function claimDraft(id: string): Promise<{ readonly number: number; release(): Promise<void> }> {
  for (let number = 1; ; number += 1) {
    const claim = await claimFolder(join(cacheFolder('drafts'), id, String(number)));
    if (claim !== undefined) return { number, release: () => claim.release() };
  }
}

function nothingToRun(chosen: readonly StepConfig[]): Failure {
  const [only] = chosen;
  const message =
    chosen.length === 1 && only !== undefined
      ? `the step ${only.name} has no fix command`
      : 'none of these steps has a fix command, or runs mypy';
  return failure('usage', chosen.length === 0 ? 'there are no steps to fix' : message, {
    next: 'give a step one in parity.yaml: fix: black core/',
  });
}

function oneLine(command: string): string {
  const [first = '', ...more] = command.trim().split('\n');
  return more.length === 0 ? first : `${first} …`;
}
