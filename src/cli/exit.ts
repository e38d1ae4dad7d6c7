import { familyOf, type Failure } from '../core/failure.ts';
import type { RunFinished } from '../pipeline/events.ts';

/** Parity's exit codes: the one table. */
export const exitCodes = {
  /** The pipeline passed, nothing drifted. */
  yes: 0,
  /** A step failed, drift was found, a check did not hold. */
  no: 1,
  /** The question was wrong: usage, config, lock. */
  usageError: 2,
  /** The answer could not be had: engine, network, disk. */
  environmentError: 3,
  /** A bug in parity. */
  bug: 70,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

/** The exit code of a failure. */
export function exitCodeOf(failure: Failure): number {
  const family = familyOf(failure);
  switch (family) {
    case 'usage':
      return exitCodes.usageError;
    case 'environment':
      return exitCodes.environmentError;
    case 'interrupted':
      return failure.signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
    default:
      return family satisfies never;
  }
}

/** The exit code of a run. */
export function exitCodeOfRun(run: RunFinished): number {
  if (run.failure !== undefined) return exitCodeOf(run.failure);
  return run.outcome === 'passed' ? exitCodes.yes : exitCodes.no;
}
