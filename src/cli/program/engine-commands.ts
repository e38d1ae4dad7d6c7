import type { Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds what looks after parity's things in the engine: status, down, clean. */
export function addEngineCommands(program: Command, session: RunInSession): void {
  addCommand(program, 'status', 'say which engine is used and why, and what is there', 'parity status').action(
    async (_flags: unknown, command: Command) => {
      const { status } = await import('../commands/status.ts');
      await session(command, status);
    },
  );
  addCommand(program, 'down', "end this project's containers now", 'parity down').action(
    async (_flags: unknown, command: Command) => {
      const { down } = await import('../commands/down.ts');
      await session(command, down);
    },
  );
  addCommand(
    program,
    'clean',
    'remove what parity made in the engine, and old checkouts and logs',
    'parity clean --all',
  )
    .option('--all', 'also what is in use in the engine, and every checkout and log')
    .action(async (flags: { readonly all?: boolean }, command: Command) => {
      const { clean } = await import('../commands/clean.ts');
      await session(command, (context) => clean(context, { all: flags.all === true }));
    });
}
