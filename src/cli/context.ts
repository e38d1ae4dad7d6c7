import type { EmitEvent, RunEvent } from '../pipeline/events.ts';
import type { KeptLogs } from '../report/run-state.ts';
import type { GitPrefetch } from '../workspace/git-prefetch.ts';
import type { GlobalOptions, ReporterName, ReportRequest } from './options.ts';

/** What every command gets from the command line and the process; commands print through it and never touch console or process. */
export interface CommandContext {
  /** The command line that the command came by, and the folder that it was typed in; absent for a call of the API. */
  readonly invocation?: { readonly argv: readonly string[]; readonly cwd: string; readonly options: GlobalOptions };
  /** Absolute path of the folder to start in (`--cwd`, else the process's). */
  readonly cwd: string;
  /** `--host`: the engine's address; absent = discover it. */
  readonly host?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by the first Ctrl-C or SIGTERM; its `reason` is the failure to return (`interrupted`, with the signal). */
  readonly signal: AbortSignal;
  /** Progress for the reporter (stderr). */
  readonly emit: EmitEvent;
  /** Writes the command's result to stdout; a missing final newline is added. `obeyed`: it is made of commands for the CI's runner. */
  readonly print: (text: string, how?: 'obeyed') => void;
  /** True with `--reporter json`: the result printed is one JSON object. */
  readonly json: boolean;
  /** The reporter that was asked for; of `auto`, the one that it stands for here. */
  readonly reporter: ReporterName;
  /** `--report KIND=FILE`; only kinds that the command writes, each once, the files absolute. */
  readonly reports: readonly ReportRequest[];
  /** True when results may be coloured. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The process's own streams, for commands that pass a program's through; nothing else writes to them. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Hears every event from here on as the reporter does, its secrets hidden: for what is written after the run (reports, the receipt). */
  readonly listen: (listener: (event: RunEvent) => void) => void;
  /** What git was asked before the command was loaded; whoever takes it first has it, since it is soon out of date. */
  readonly takeHeadStart?: () => GitPrefetch | undefined;
  /** Masks these values from here on in everything that is reported. */
  readonly addSecrets: (values: readonly string[]) => void;
  /** A text with its secrets hidden: for what is reported and was no event. */
  readonly mask: (text: string) => string;
  /** Where the logs of the last run are; undefined when nothing of it was printed, or nobody keeps it. */
  readonly logs?: () => KeptLogs | undefined;
}
