import { repeatSteps, type RepeatedRun } from '../../app/repeat/repeat-steps.ts';
import type { ProjectRun } from '../../app/run/project-run.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { repeatText } from '../../report/repeat-text.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun, exitCodes } from '../exit.ts';

/**
 * `parity up --repeat N`: runs the steps N times with shuffled tests, and says which are unstable and what those share. Exit code 1 when any run
 * failed; what keeps a run from an answer ends all.
 */
export async function repeat(context: CommandContext, run: RepeatedRun): Promise<Result<number>> {
  const refused = refusal(context, run);
  if (refused !== undefined) return err(refused);
  const repeated = await repeatSteps(context, run);
  if (!repeated.ok) return repeated;
  if ('finished' in repeated.value) return ok(exitCodeOfRun(repeated.value.finished));
  const { rounds, stability, seed, failed } = repeated.value;
  const { times, steps } = run;
  const { print, json } = context.terminal;
  if (json) {
    const { unstable, stable, shared } = stability;
    const counts = { times, runs: rounds.length, seed, failed };
    print(JSON.stringify({ type: 'repeat-finished', ...counts, unstable, stable, shared }));
  } else print(repeatText(rounds, stability, { times, seed, steps }));
  return ok(failed.length > 0 ? exitCodes.no : exitCodes.yes);
}

function refusal({ invocation: { reports } }: CommandContext, { shard, explainStep }: ProjectRun): Failure | undefined {
  const refuse = (option: string, next: string): Failure =>
    failure('usage', `--repeat and ${option} do not go together`, { next });
  if (shard !== undefined) return refuse('--shard', 'leave --shard out: it is for several machines');
  if (explainStep !== undefined) return refuse('--explain', 'leave --explain out: every step runs each time');
  const [report] = reports;
  return report === undefined ? undefined : refuse('--report', 'use --reporter json, whose last line has all of it');
}
