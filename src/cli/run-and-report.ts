import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from './context.ts';
import { exitCodeOfRun, exitCodes } from './exit.ts';
import { runProject, type ProjectRun } from '../app/run/run-project.ts';
import { startReports } from '../app/run/write-reports.ts';

/**
 * Runs a project's pipeline and writes the reports that were asked for, whatever its end; gives the exit code. A report that can't be
 * written fails a run that passed (`io`, `disk-full`); one that did not keeps its own answer, with a warning beside it.
 */
export async function runAndReport(context: CommandContext, run: ProjectRun): Promise<Result<number>> {
  const reports = await startReports(context);
  if (!reports.ok) return reports;
  const { finished, ...record } = await runProject(context, run);
  const code = exitCodeOfRun(finished);
  const written = await reports.value.write(record);
  if (written.ok) return ok(code);
  const { error } = written;
  if (code === exitCodes.yes) return err(error);
  context.emit({
    type: 'note',
    severity: 'warning',
    message: error.message,
    ...(error.next === undefined ? {} : { hint: error.next }),
  });
  return ok(code);
}
