import type { Failure } from '../core/failure.ts';
import type { BuildProgress, EmitProgress, Phase, TransferProgress } from '../core/progress.ts';
import type { Result } from '../core/result.ts';

/** Called with the progress of a piece of set-up work. */
export type OnProgress = (progress: TransferProgress | BuildProgress) => void;

/** Runs a piece of set-up work between its `phase-started` and `phase-finished` events; `describeSuccess` phrases a success. */
export async function inPhase<T>(
  emit: EmitProgress,
  phase: Phase,
  id: string,
  title: string,
  work: (tell: OnProgress) => Promise<Result<T>>,
  describeSuccess: (value: T) => string,
): Promise<Result<T>> {
  const start = performance.now();
  emit({ type: 'phase-started', phase, id, title });
  const finish = (ok: boolean, result: string): void => {
    emit({ type: 'phase-finished', phase, id, ok, result, durationMs: performance.now() - start });
  };
  try {
    const done = await work((progress) => emit({ type: 'phase-progress', phase, id, progress }));
    finish(done.ok, done.ok ? describeSuccess(done.value) : failed(done.error));
    return done;
  } catch (error) {
    finish(false, 'a bug in parity');
    throw error;
  }
}

function failed(error: Failure): string {
  return error.reason === 'interrupted' ? 'interrupted' : error.message;
}
