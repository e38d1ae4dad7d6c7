import type { AppContext } from '../app/context.ts';
import type { ProjectRun } from '../app/run/project-run.ts';
import { runProject } from '../app/run/run-project.ts';
import { openReports, type ReportRequest } from '../app/run/write-reports.ts';
import { err, ok, type Result } from '../core/result.ts';
import { exitCodeOfRun, exitCodes } from './exit.ts';

/**
 * Runs a project's pipeline and writes the reports that were asked for, whatever its end; gives the exit code. A report that can't be
 * written fails a run that passed (`io`, `disk-full`); one that did not keeps its own answer, with a warning beside it.
 */
export async function runAndReport(
  context: AppContext,
  run: ProjectRun,
  requests: readonly ReportRequest[],
): Promise<Result<number>> {
  const opened = await openReports(requests);
  if (!opened.ok) return opened;
  const reports = opened.value;
  const { finished } = await runProject(context, run, reports === undefined ? [] : [reports]);
  const code = exitCodeOfRun(finished);
  const error = reports?.failure;
  if (error === undefined) return ok(code);
  if (code === exitCodes.yes) return err(error);
  const { message, next } = error;
  context.events.emit({ type: 'note', severity: 'warning', message, ...(next === undefined ? {} : { hint: next }) });
  return ok(code);
}
