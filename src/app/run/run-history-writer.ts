import { findProject } from '../../config/project.ts';
import type { Failure } from '../../core/failure.ts';
import type { RunFinished, StepFinished } from '../../pipeline/events.ts';
import type { RunFact } from '../../records/history-entry.ts';
import { appendHistory } from '../history/append-history.ts';
import { historyStep } from './history-step.ts';
import type { CommandContext } from '../../cli/context.ts';
import type { ProjectRun, ProjectRunEnd } from './run-project.ts';

/**
 * Hears a run for the audit trail; gives what writes its line once it is over. What is loaded for that is loaded then, when no step waits. A run
 * that belongs to no project is in nobody's audit.
 */
export function recordRunHistory(context: CommandContext, run: ProjectRun): (end: ProjectRunEnd) => Promise<void> {
  const begun = Date.now();
  const steps: StepFinished[] = [];
  let finished: RunFinished | undefined;
  context.listen((event) => {
    if (finished !== undefined) return;
    if (event.type === 'step-finished') steps.push(event);
    // With its secrets hidden, which the run's own result does not have.
    if (event.type === 'run-finished') finished = event;
  });
  return async ({ receipt, seen }) => {
    const project = run.keepFor ?? (await projectOf(context));
    if (finished === undefined || project === undefined) return;
    const logs = context.logs?.();
    const { receiptFileName } = await import('../../receipt/receipt-store.ts');
    const { outcome, durationMs, imageId, failure } = finished;
    const { commit = null, dirty = null } = receipt ?? seen ?? {};
    await appendHistory(
      project,
      {
        type: 'run',
        command: run.round === undefined ? (run.command ?? 'up') : 'watch',
        asked: run.steps,
        outcome,
        durationMs: Math.round(durationMs),
        commit,
        dirty,
        imageId,
        steps: steps.map((step) => historyStep(step, logs)),
        failure: failure === undefined ? null : historyFailure(failure),
        receipt: receipt === undefined ? null : receiptFileName(receipt),
        logs: logs?.name ?? null,
      },
      begun,
    );
    if (logs === undefined) return;
    const { pruneRunLogs } = await import('../../records/run-logs.ts');
    // Small logs can't amount to much: then nobody looks at how large all of them are.
    const written = [...logs.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    pruneRunLogs({ measure: written > 1024 * 1024 });
  };
}

// A build's whole log would drown everything else.
const detailLength = 4000;

function historyFailure({ reason, message, detail }: Failure): RunFact['failure'] {
  return { reason, message, detail: detail?.slice(-detailLength) ?? null };
}

async function projectOf({ cwd }: CommandContext): Promise<string | undefined> {
  const project = await findProject(cwd);
  return project.ok ? project.value.dir : undefined;
}
