import { rmSync } from 'node:fs';
import { ok } from '../core/result.ts';
import { plainHead } from '../git/plain-head.ts';
import type { RunFinished } from '../pipeline/events.ts';
import { appendHistory } from '../records/run-history.ts';
import { stampWorkTree } from '../workspace/work-tree-stamp.ts';
import { historyStep } from '../app/run/history-step.ts';
import { exitCodeOfRun } from './exit.ts';
import { inSession, type ProcessEdge } from './session.ts';
import {
  callOf,
  digestOf,
  replayFile,
  readReplay,
  stampsOf,
  parityInstallation,
  type Replay,
} from '../app/replay/replay.ts';

// Passes must be seen to be used now and then, or they are pruned as too old.
const maxAgeMs = 24 * 3600 * 1000;

/** Tells a call's last run again when nothing has changed since, and gives its exit code; undefined when that can't be said, and the command has to run. */
export async function replayRun(edge: ProcessEdge): Promise<number | undefined> {
  const begun = Date.now();
  const call = callOf(edge.argv, edge.cwd, edge.env);
  const kept = readReplay(call);
  if (kept === undefined) return undefined;
  const sighted = (await isAsBefore(kept, edge.env)) ? await stampWorkTree(kept.root) : undefined;
  const finished = kept.events.at(-1);
  if (sighted?.text !== kept.sighting || finished?.type !== 'run-finished') {
    // Whatever the coming run finds out, this one is never told again.
    rmSync(replayFile(call), { force: true });
    return undefined;
  }
  return await inSession(edge, kept.options, async ({ emit }) => {
    for (const event of kept.events.slice(0, -1)) emit(event);
    const durationMs = Date.now() - begun;
    emit({ ...finished, durationMs });
    appendReplayHistory(kept, { finished, begun, durationMs });
    return ok(exitCodeOfRun(finished));
  });
}

interface ReplayedRun {
  readonly finished: RunFinished;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly durationMs: number;
}

function appendReplayHistory(kept: Replay, { finished, begun, durationMs }: ReplayedRun): void {
  // Equal files may be in another commit by now.
  const commit = plainHead(kept.root) ?? null;
  const steps = kept.events.flatMap((event) => (event.type === 'step-finished' ? [event] : []));
  appendHistory(
    kept.project,
    {
      type: 'run',
      command: 'up',
      asked: kept.asked,
      outcome: finished.outcome,
      durationMs,
      commit,
      dirty: commit === kept.commit ? kept.dirty : null,
      imageId: finished.imageId,
      steps: steps.map((step) => historyStep(step, undefined)),
      failure: null,
      receipt: null,
      logs: null,
      unchanged: true,
    },
    begun,
  );
}

async function isAsBefore(kept: Replay, env: NodeJS.ProcessEnv): Promise<boolean> {
  const age = Date.now() - kept.at;
  return (
    age >= 0 &&
    age < maxAgeMs &&
    kept.parity === parityInstallation() &&
    JSON.stringify(stampsOf(Object.keys(kept.files))) === JSON.stringify(kept.files) &&
    kept.variablesDigest === (await digestOf(kept.variables, env))
  );
}
