import { resolve } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun } from '../exit.ts';
import { runProject, type ProjectRun } from '../run-project.ts';
import { writeReceipt } from '../../receipt/write.ts';

/** `parity up`: the pipeline in the pinned environment. Everything, failures included, is told in events; gives the exit code. */
export async function up(context: CommandContext, options: ProjectRun): Promise<Result<number>> {
  const { finished, receipt } = await runProject(context, options);
  for (const { kind, file } of context.reports) {
    if (kind !== 'receipt' || receipt === undefined) continue;
    const written = await writeReceipt(resolve(context.cwd, file), receipt);
    if (!written.ok) return written;
  }
  return ok(exitCodeOfRun(finished));
}
