import { copyFileSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { configFileName } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { gitTopLevel, headCommit } from '../../git/git.ts';
import { lockFileName } from '../../lock/write.ts';
import type { RunEvent, RunFinished, StepFinished, StepOutcome } from '../../pipeline/events.ts';
import { checkOutCommit } from '../../workspace/check-out-commit.ts';
import type { AppContext } from '../context.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { runProject } from '../run/run-project.ts';
import { failureCause, type FailureCause } from './failure-cause.ts';
import type { InitResult } from './init-project.ts';

/** A step of a written parity.yaml: where CI has it, and how it ended. */
export interface VerifiedStep {
  readonly step: string;
  /** `.github/workflows/ci.yml:14, job test`; null for a step that comes from the layout. */
  readonly ci: string | null;
  /** Null when the run ended before it. */
  readonly outcome: StepOutcome | null;
  /** What a failure looks like; null for a step that did not fail. */
  readonly cause: FailureCause | null;
}

/** A pipeline that was run once after it was written. */
export interface VerifiedInit {
  readonly finished: RunFinished;
  readonly steps: readonly VerifiedStep[];
}

/**
 * Runs the pipeline that `parity init` has written once, on a clean checkout of the last commit with the new parity.yaml in it; a lock that this
 * makes is brought back. Err `usage` where there is no commit, else as checkOutCommit; that the run fails is no Err.
 */
export async function verifyInit(
  context: AppContext,
  { path, decisions }: Pick<InitResult, 'path' | 'decisions'>,
): Promise<Result<VerifiedInit>> {
  const {
    events: { emit },
    signal,
  } = context;
  const dir = join(path, '..');
  const top = await gitTopLevel(dir);
  const commit = top.ok ? await headCommit(top.value) : top;
  if (!top.ok || !commit.ok || commit.value === undefined)
    return err(
      failure('usage', '--verify runs a clean checkout of the last commit, and there is none', { next: 'git commit' }),
    );
  const workspace = await checkOutCommit({ topLevel: top.value, commit: commit.value, emit, signal });
  if (!workspace.ok) return workspace;
  try {
    const cwd = join(workspace.value.dir, relative(top.value, dir));
    if (!existsSync(cwd))
      return err(failure('usage', `the folder ${dir} is not in the last commit`, { next: 'git add .' }));
    for (const name of [configFileName, lockFileName])
      if (existsSync(join(dir, name))) copyFileSync(join(dir, name), join(cwd, name));
    const outcomes = new StepOutcomes();
    const asked = { steps: [], cold: false, noCache: true, frozen: false, failFast: false, keepFor: dir };
    const { finished } = await runProject({ ...context, cwd }, asked, [outcomes]);
    if (existsSync(join(cwd, lockFileName))) copyFileSync(join(cwd, lockFileName), join(dir, lockFileName));
    const placeOf = (step: string): string | null =>
      decisions.find(({ kind, subject }) => kind === 'step' && subject === step)?.why.split(';')[0] ?? null;
    return ok({ finished, steps: outcomes.steps.map((one) => ({ ...one, ci: placeOf(one.step) })) });
  } finally {
    await workspace.value.release();
  }
}

/** Enough of what a step printed last to tell what it failed of. */
const tailLength = 32_768;

/** Keeps how each step ended, and what its failure looks like. */
class StepOutcomes implements RunObserver {
  readonly #planned: string[] = [];
  readonly #tails = new Map<string, string>();
  readonly #ends = new Map<string, StepFinished>();

  onEvent(event: RunEvent): void {
    if (event.type === 'run-started') this.#planned.push(...event.steps.map(({ name }) => name));
    if (event.type === 'step-output') {
      const text = (this.#tails.get(event.step) ?? '') + event.data.toString('utf8');
      this.#tails.set(event.step, text.slice(-tailLength));
    }
    if (event.type === 'step-finished') this.#ends.set(event.step, event);
  }

  get steps(): readonly Omit<VerifiedStep, 'ci'>[] {
    return this.#planned.map((step) => {
      const end = this.#ends.get(step);
      const cause = end?.outcome === 'failed' ? failureCause(end, this.#tails.get(step) ?? '') : null;
      return { step, outcome: end?.outcome ?? null, cause };
    });
  }
}

/** The table of a verified pipeline: where CI has each step, the step here, how it ended, and of what it failed. */
export function verifiedText({ steps }: VerifiedInit): string {
  const rows = steps.map(({ ci, step, outcome, cause }) => [
    ci ?? 'the layout',
    step,
    outcome ?? 'not run',
    cause === null ? '' : `looks like the ${cause.of === 'environment' ? "environment's" : "code's"}: ${cause.sign}`,
  ]);
  const all = [['in CI', 'step here', 'outcome', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
