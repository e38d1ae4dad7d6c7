import { findProject } from '../../config/project.ts';
import type { Failure } from '../../core/failure.ts';
import type { RunEvent, RunFinished, StepFinished } from '../../pipeline/events.ts';
import type { RunFact } from '../../records/history-entry.ts';
import { appendHistory } from '../history/append-history.ts';
import { historyStep } from './history-step.ts';
import type { AppContext } from '../context.ts';
import type { ProjectRun, ProjectRunEnd } from './project-run.ts';
import type { RunObserver } from './run-observer.ts';

/**
 * Writes a run's line into the history once the run is over. It loads what it needs for that only then, when no step waits. A run that belongs
 * to no project is in no history.
 */
export class RunHistoryWriter implements RunObserver {
  readonly #context: AppContext;
  readonly #run: ProjectRun;
  readonly #begun = Date.now();
  readonly #steps: StepFinished[] = [];
  /** With its secrets hidden, which the run's own result does not have. */
  #finished: RunFinished | undefined;

  constructor(context: AppContext, run: ProjectRun) {
    this.#context = context;
    this.#run = run;
  }

  onEvent(event: RunEvent): void {
    if (this.#finished !== undefined) return;
    if (event.type === 'step-finished') this.#steps.push(event);
    if (event.type === 'run-finished') this.#finished = event;
  }

  async onEnd({ receipt, seen }: ProjectRunEnd): Promise<void> {
    const { keepFor, command, round, steps, caller } = this.#run;
    const project = keepFor ?? (await projectOf(this.#context));
    if (this.#finished === undefined || project === undefined) return;
    const logs = caller?.logs();
    const { receiptFileName } = await import('../../receipt/receipt-store.ts');
    const { outcome, durationMs, imageId, failure } = this.#finished;
    const { commit = null, dirty = null } = receipt ?? seen ?? {};
    await appendHistory(
      project,
      {
        type: 'run',
        command: round === undefined ? (command ?? 'up') : 'watch',
        asked: steps,
        outcome,
        durationMs: Math.round(durationMs),
        commit,
        dirty,
        imageId,
        steps: this.#steps.map((step) => historyStep(step, logs)),
        failure: failure === undefined ? null : historyFailure(failure),
        receipt: receipt === undefined ? null : receiptFileName(receipt),
        logs: logs?.name ?? null,
      },
      this.#begun,
    );
    if (logs === undefined) return;
    const { pruneRunLogs } = await import('../../records/run-logs.ts');
    // Small logs can't amount to much: then their sizes are not measured.
    const written = [...logs.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    pruneRunLogs({ measure: written > 1024 * 1024 });
  }
}

// A build's whole log would drown everything else.
const detailLength = 4000;

function historyFailure({ reason, message, detail }: Failure): RunFact['failure'] {
  return { reason, message, detail: detail?.slice(-detailLength) ?? null };
}

async function projectOf({ cwd }: AppContext): Promise<string | undefined> {
  const project = await findProject(cwd);
  return project.ok ? project.value.dir : undefined;
}
