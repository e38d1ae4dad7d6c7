import type { Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity explain`. */
export function addExplainCommand(program: Command, session: RunInSession): void {
  addCommand(
    program,
    'explain',
    "what a tool's error means and what to do about it",
    'parity explain mypy/implicit-optional\n  parity explain F401\n  mypy core | parity explain -',
  )
    .argument(
      '[what...]',
      "ids or tools' codes (TS2307, mypy/assignment), or - to read a tool's output; none = list all",
    )
    .action(async (what: readonly string[], _flags: unknown, command: Command) => {
      const { explain } = await import('../commands/explain.ts');
      await session(command, (context) => explain(context, what));
    });
}
