import { checkCommits, type PreflightOptions } from '../../app/preflight/check-commits.ts';
import { err, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOf, exitCodes } from '../exit.ts';
import { runAndReport } from '../run-and-report.ts';

/**
 * `parity preflight`: the pipeline on a clean checkout of a commit, as CI will run it. Gives the exit code, the worst one of several commits. To
 * a pre-push hook it also says that the push is refused.
 */
export async function preflight(
  context: CommandContext,
  options: Omit<PreflightOptions, 'stdin' | 'run' | 'caller'>,
): Promise<Result<number>> {
  const { invocation, terminal, events, signal } = context;
  const done = await checkCommits(context, {
    ...options,
    stdin: terminal.stdin,
    caller: invocation,
    run: (inCheckout, run) => runAndReport(inCheckout, run, invocation.reports),
  });
  const code = done.ok ? done.value : exitCodeOf(done.error);
  if (options.hook === 'pre-push' && code !== exitCodes.yes && !signal.aborted) {
    if (!done.ok)
      return err({
        ...done.error,
        detail: joined(done.error.detail, refusal.message),
        next: joined(done.error.next, refusal.hint),
      });
    events.emit({ type: 'note', severity: 'warning', ...refusal });
  }
  return done;
}

const refusal = { message: 'the push is refused', hint: 'to push without this check: git push --no-verify' } as const;

function joined(first: string | undefined, second: string): string {
  return first === undefined ? second : `${first}\n${second}`;
}
