import { ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun } from '../exit.ts';
import type { ProjectRun } from '../run-project.ts';
import { tellUnchangedRun } from '../unchanged-run.ts';

/** `parity up`: the pipeline in the pinned environment. Everything, failures included, is told in events; gives the exit code. */
export async function up(context: CommandContext, options: ProjectRun): Promise<Result<number>> {
  const unchanged = await tellUnchangedRun(context, options);
  if (unchanged !== undefined) return ok(exitCodeOfRun(unchanged));
  const { runAndReport } = await import('../run-and-report.ts');
  return await runAndReport(context, options);
}
