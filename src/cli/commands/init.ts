import { initProject, type InitOptions } from '../../app/init/init-project.ts';
import { ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/** `parity init`: writes parity.yaml from the layout, or from the CI files that `from` names. */
export async function init(
  { cwd, terminal, events }: CommandContext,
  flags: Pick<InitOptions, 'force' | 'from'>,
): Promise<Result<number>> {
  const { json, print } = terminal;
  const done = await initProject({
    cwd,
    ...flags,
    stdout: (text) => (json ? undefined : print(text)),
    stderr: (text) => events.emit({ type: 'note', severity: 'warning', message: text.trimEnd() }),
  });
  if (!done.ok) return done;
  if (json) print(JSON.stringify({ type: 'init', ...done.value }));
  return ok(exitCodes.yes);
}
