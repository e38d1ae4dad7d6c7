import { failure, type Failure } from './failure.ts';

/** The failure that an aborted signal stands for: its reason where that is a failure, else a plain `interrupted` by SIGINT. */
export function interruption(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  const isFailure = typeof reason === 'object' && reason !== null && 'reason' in reason && 'message' in reason;
  return isFailure ? (reason as Failure) : failure('interrupted', 'interrupted', { signal: 'SIGINT' });
}

/**
 * Calls `react` once the signal is aborted: at once when it is already, never without a signal. Returns a function that stops listening; a
 * caller whose work may end before the signal does calls it, so that a long-lived signal does not collect listeners.
 */
export function onAbort(signal: AbortSignal | undefined, react: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    react();
    return () => {};
  }
  signal.addEventListener('abort', react, { once: true });
  return () => signal.removeEventListener('abort', react);
}

/** The promise's value or rejection, or undefined when the signal is aborted first (also when it was aborted before the call). */
export async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let stopListening = (): void => {};
  const aborted = new Promise<undefined>((resolve) => (stopListening = onAbort(signal, () => resolve(undefined))));
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopListening();
  }
}
