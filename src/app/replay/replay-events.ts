import { rmSync } from 'node:fs';
import type { EmitEvent } from '../../pipeline/events.ts';
import type { RunFinished } from '../../pipeline/events.ts';
import { plainHead } from '../../git/plain-head.ts';
import { appendHistory } from '../../records/run-history.ts';
import { stampWorkTree } from '../../workspace/work-tree-stamp.ts';
import { historyStep } from '../run/history-step.ts';
import { digestOf, readReplay, replayFile, stampsOf, parityInstallation, type Call, type Replay } from './replay.ts';

// Passes must be seen to be used now and then, or they are pruned as too old.
const maxAgeMs = 24 * 3600 * 1000;

/** A run that may be replayed now. */
export interface CurrentReplay {
  readonly replay: Replay;
  readonly finished: RunFinished;
}

/** The run kept for a call when nothing has changed since; undefined when something has, and the command has to run. */
export async function currentReplay(call: Call, env: NodeJS.ProcessEnv): Promise<CurrentReplay | undefined> {
  const replay = readReplay(call);
  if (replay === undefined) return undefined;
  const stamp = (await isAsBefore(replay, env)) ? await stampWorkTree(replay.root) : undefined;
  const finished = replay.events.at(-1);
  if (stamp?.text === replay.sighting && finished?.type === 'run-finished') return { replay, finished };
  // Whatever the coming run finds out, this one is never replayed again.
  rmSync(replayFile(call), { force: true });
  return undefined;
}

/** Reports the events of a run again, writes it into the history, and gives its end; `begun` is in milliseconds since 1970. */
export function replayEvents({ replay, finished }: CurrentReplay, emit: EmitEvent, begun: number): RunFinished {
  for (const event of replay.events.slice(0, -1)) emit(event);
  const durationMs = Date.now() - begun;
  const end = { ...finished, durationMs };
  emit(end);
  appendReplayHistory(replay, { finished, begun, durationMs });
  return end;
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
    (kept.until === null || Date.now() < kept.until) &&
    kept.parity === parityInstallation() &&
    JSON.stringify(stampsOf(Object.keys(kept.files))) === JSON.stringify(kept.files) &&
    kept.variablesDigest === (await digestOf(kept.variables, env))
  );
}
