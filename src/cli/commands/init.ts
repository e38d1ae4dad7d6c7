import { initProject, type InitOptions } from '../../app/init/init-project.ts';
import { ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfRun, exitCodes } from '../exit.ts';

/**
 * `parity init`: writes parity.yaml from what CI checks the code with, from the layout, or from the CI files that `from` names; with `verify` runs it
 * once, and gives the run's exit code.
 */
export async function init(
  context: CommandContext,
  { verify, ...flags }: Pick<InitOptions, 'force' | 'from'> & { readonly verify: boolean },
): Promise<Result<number>> {
  const { cwd, terminal, events } = context;
  const { json, print } = terminal;
  const done = await initProject({
    cwd,
    ...flags,
    stdout: (text) => (json ? undefined : print(text)),
    stderr: (text) => events.emit({ type: 'note', severity: 'warning', message: text.trimEnd() }),
  });
  if (!done.ok) return done;
  if (!verify) {
    if (json) print(JSON.stringify({ type: 'init', ...done.value }));
    return ok(exitCodes.yes);
  }
  const { verifiedText, verifyInit } = await import('../../app/init/verify-init.ts');
  const verified = await verifyInit(context, done.value);
  if (!verified.ok) return verified;
  if (json) print(JSON.stringify({ type: 'init', ...done.value, verified: verified.value.steps }));
  else print(`\n${verifiedText(verified.value)}`);
  return ok(exitCodeOfRun(verified.value.finished));
}
