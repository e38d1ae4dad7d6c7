import { nearest } from '../../config/nearest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { HistoryEntry } from '../../records/history-entry.ts';

/** A run as the audit has it. */
export type RunEntry = Extract<HistoryEntry, { readonly type: 'run' }>;

/** What of a run is wanted. */
export interface WantedLogs {
  readonly run: RunEntry;
  /** One of its steps; absent for all. */
  readonly step?: string;
}

/**
 * The run, and the step of it, that `parity logs [run] [step]` names, among runs of which the newest is last. A run is named by its ID or the
 * beginning of it, or `last`; a single word may also be a step of the last run. Err `usage` names what is near.
 */
export function findRun(runs: readonly RunEntry[], words: readonly string[]): Result<WantedLogs> {
  const last = runs.at(-1);
  if (last === undefined) return err(failure('usage', 'no run of this project is known yet', { next: 'parity up' }));
  const [first, step] = words;
  if (first === undefined) return ok({ run: last });
  const named = first === 'last' ? [last] : runs.filter(({ id }) => isId(first) && id.startsWith(first));
  if (named.length === 1 && named[0] !== undefined)
    return step === undefined ? ok({ run: named[0] }) : stepOf(named[0], step);
  if (named.length > 1)
    return err(
      failure('usage', `${named.length} runs begin with ${first}: ${named.map(({ id }) => id).join(', ')}`, {
        next: 'give more of its letters',
      }),
    );
  if (step === undefined && last.steps.some(({ name }) => name === first)) return ok({ run: last, step: first });
  const near = nearest(first, [
    ...runs.map(({ id }) => id),
    ...(step === undefined ? last.steps.map(({ name }) => name) : []),
  ]);
  const what = step === undefined ? 'no run, and no step of the last one, is called' : 'no run is called';
  return err(
    failure('usage', `${what} ${first}${near === undefined ? '' : ` (did you mean ${near}?)`}`, {
      next: near === undefined ? 'parity history' : `parity logs ${[near, ...words.slice(1)].join(' ')}`,
    }),
  );
}

function isId(word: string): boolean {
  return /^[0-9a-f]{1,8}$/.test(word);
}

function stepOf(run: RunEntry, step: string): Result<WantedLogs> {
  const names = run.steps.map(({ name }) => name);
  if (names.includes(step)) return ok({ run, step });
  const near = nearest(step, names);
  const detail = names.length === 0 ? 'it ended before its first step' : `its steps are: ${names.join(', ')}`;
  return err(
    failure('usage', `run ${run.id} has no step ${step}${near === undefined ? '' : ` (did you mean ${near}?)`}`, {
      detail,
      next: near === undefined ? `parity logs ${run.id}` : `parity logs ${run.id} ${near}`,
    }),
  );
}

/** The newest run before another in which a step ran and printed something: what a cached step has to show. */
export function lastPrinted(runs: readonly RunEntry[], before: RunEntry, step: string): RunEntry | undefined {
  const index = runs.findIndex(({ id }) => id === before.id);
  return runs
    .slice(0, Math.max(0, index))
    .findLast(({ steps }) =>
      steps.some(({ name, outcome, log }) => name === step && outcome === 'passed' && log !== null),
    );
}
