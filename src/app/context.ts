import type { EmitEvent, RunEvent } from '../pipeline/events.ts';

/** What a use case gets from its caller: the command line, or a program through the API. */
export interface AppContext {
  /** Absolute path of the folder to start in (`--cwd`, else the process's). */
  readonly cwd: string;
  /** The engine's address; absent = discover it. */
  readonly host?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by the first Ctrl-C or SIGTERM; its `reason` is the failure to return (`interrupted`, with the signal). */
  readonly signal: AbortSignal;
  readonly events: AppEvents;
  readonly secrets: Secrets;
}

/** Where a use case reports what happens, and where others hear of it. */
export interface AppEvents {
  /** Reports an event. */
  readonly emit: EmitEvent;
  /** Calls the listener with every event from now on, secrets hidden as in the report; gives what ends that. */
  readonly subscribe: (listener: RunListener) => () => void;
}

/** Hears the events of runs, in order. */
export type RunListener = (event: RunEvent) => void;

/** The values that no report shows. */
export interface Secrets {
  /** Hides these values from now on in everything that is reported. */
  readonly add: (values: readonly string[]) => void;
  /** The text with its secrets hidden: for what is reported and was no event. */
  readonly mask: (text: string) => string;
}
