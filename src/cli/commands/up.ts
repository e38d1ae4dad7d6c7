import type { Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { runAndReport } from '../run-and-report.ts';
import type { ProjectRun } from '../../app/run/project-run.ts';

/** `parity up`: the pipeline in the pinned environment. Reports everything, failures included, in events; gives the exit code. */
export async function up(context: CommandContext, options: ProjectRun): Promise<Result<number>> {
  return await runAndReport(context, options, context.invocation.reports);
}
