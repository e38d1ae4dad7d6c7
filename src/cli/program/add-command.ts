import type { Command } from 'commander';
import type { CommandBody, SessionTraits } from '../session.ts';

/** Runs a command's body with its reporter around it, and keeps the exit code. */
export type RunInSession = (command: Command, body: CommandBody, traits?: SessionTraits) => Promise<void>;

/** Adds a command with its help and an example; gives it, for its arguments, options and action. */
export function addCommand(program: Command, name: string, summary: string, example: string): Command {
  return program
    .command(name)
    .description(summary)
    .helpOption('--help', 'print this help')
    .showHelpAfterError(`(parity ${name} --help tells more)`)
    .addHelpText('after', `\nExample:\n  ${example}`);
}
