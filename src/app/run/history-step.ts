import type { StepFinished } from '../../pipeline/events.ts';
import type { RunStep } from '../../records/history-entry.ts';
import type { KeptLogs } from '../../report/run-state.ts';

/** A step's end as the audit has it. */
export function historyStep(
  { step, outcome, exitCode, reason, durationMs }: StepFinished,
  logs: KeptLogs | undefined,
): RunStep {
  return {
    name: step,
    outcome,
    exitCode,
    reason,
    durationMs: Math.round(durationMs),
    log: logs?.bytes.get(step) ?? null,
  };
}
