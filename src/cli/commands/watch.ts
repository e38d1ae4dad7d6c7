import type { ProjectRun } from '../../app/run/project-run.ts';
import type { ReportRequest } from '../../app/run/write-reports.ts';
import { watchProject } from '../../app/watch/watch-session.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOf, exitCodeOfRun, exitCodes } from '../exit.ts';
import { listenForKeys } from '../watch-keys.ts';

/**
 * `parity up --watch`: runs the pipeline, and again whenever a file changes that a step reads. Gives the last run's exit code when it is told to
 * quit, the signal's when a signal ends it. Err when there is nothing to watch.
 */
export async function watch(context: CommandContext, run: ProjectRun): Promise<Result<number>> {
  const refused = refusal(context.invocation.reports, run);
  if (refused !== undefined) return err(refused);
  const requests = listenForKeys.bind(undefined, context.terminal.stdin);
  const ended = await watchProject(context, { run, requests });
  if (!ended.ok) return ended;
  if (ended.value.by === 'signal') return ok(exitCodeOf(ended.value.reason));
  const { answer } = ended.value;
  return ok(answer === undefined ? exitCodes.interrupted : exitCodeOfRun(answer));
}

function refusal([report]: readonly ReportRequest[], { cold, shard }: ProjectRun): Failure | undefined {
  const refuse = (option: string, next: string): Failure =>
    failure('usage', `--watch and ${option} do not go together`, { next });
  if (cold) return refuse('--cold', 'parity up --cold, for one run as CI does it');
  if (shard !== undefined) return refuse('--shard', 'leave --shard out: it is for several machines');
  return report === undefined ? undefined : refuse('--report', `parity up --report ${report.kind}=FILE, for one run`);
}
