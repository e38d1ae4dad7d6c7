import type { AppContext } from '../app/context.ts';
import type { RunCaller } from '../app/run/project-run.ts';
import type { ReportRequest } from '../app/run/write-reports.ts';
import type { ReporterName } from '../report/reporters.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets: what the product needs, the terminal, and how the command was called. */
export interface CommandContext extends AppContext {
  readonly terminal: Terminal;
  readonly invocation: Invocation;
}

/** How a command was called. */
export interface Invocation extends RunCaller {
  /** The reporter that was asked for; of `auto`, the one that it stands for here. */
  readonly reporter: ReporterName;
  /** `--report KIND=FILE`; only kinds that the command writes, each once, the files absolute. */
  readonly reports: readonly ReportRequest[];
}
