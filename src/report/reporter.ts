import type { Failure } from '../core/failure.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { KeptLogs } from './run-state.ts';

/** Describes what happens. Parity calls its methods in the order of events; none throws, none blocks for long. */
export interface Reporter {
  event(event: RunEvent): void;
  /** A command that could not go on (of a run: `run-finished` has its failure). */
  failed(failure: Failure): void;
  /** A command's result, for stdout; `obeyed`: it is made of commands that CI's runner executes. */
  result(text: string, how?: 'obeyed'): void;
  /** Where the logs of the last run are; undefined when nothing of it was printed. */
  logs?(): KeptLogs | undefined;
  /** Ends what moves and restores the terminal. Parity calls nothing after it. */
  close(): Promise<void>;
}

/** Where a reporter writes. */
export interface ReportOutput {
  /** Results. */
  readonly out: ReportStream;
  /** Progress. */
  readonly err: ReportStream;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The folder of this run's step logs, made at need. */
  readonly logDir: string;
}

/** One of the process's streams, or a test's. */
export interface ReportStream {
  write(text: string): void;
  /** Of a terminal. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}
