import type { Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds what is done with records of runs: compare, repro, receipt merge. */
export function addReceiptCommands(program: Command, session: RunInSession): void {
  addCommand(program, 'compare', 'say why two runs differ, the first cause first', 'parity compare ci.json')
    .argument('<receipt>', "a run's record (parity up --report receipt=FILE), a folder that holds one, or - for stdin")
    .argument('[receipt]', 'another (default: the last run here)')
    .action(async (first: string, second: string | undefined, _flags: unknown, command: Command) => {
      const { compare } = await import('../commands/compare.ts');
      await session(command, (context) => compare(context, { first, ...(second === undefined ? {} : { second }) }));
    });
  addCommand(
    program,
    'repro',
    "run a recorded run's failed step once more, on its commit",
    'parity repro ci.json tests',
  )
    .argument('<receipt>', "the run's record, a folder that holds it, or - for stdin")
    .argument('[step]', 'another step than the first that failed')
    .option('--dirty-ok', 'go on although files of that run are in no commit')
    .action(
      async (receipt: string, step: string | undefined, flags: { readonly dirtyOk?: boolean }, command: Command) => {
        const { repro } = await import('../commands/repro.ts');
        const named = step === undefined ? {} : { step };
        await session(command, (context) => repro(context, { receipt, ...named, dirtyOk: flags.dirtyOk === true }));
      },
    );
  const receipt = addCommand(program, 'receipt', "work with runs' records", 'parity receipt merge shards/*.json');
  addCommand(
    receipt,
    'merge',
    'make the records of all shards of one run into one',
    'parity receipt merge shard-1.json shard-2.json --output receipt.json',
  )
    .argument('<receipt...>', 'the records, one of each shard')
    .option('--output <file>', 'write it there (default: stdout)')
    .action(async (files: string[], flags: { readonly output?: string }, command: Command) => {
      const { mergeCommand } = await import('../commands/receipt.ts');
      await session(command, (context) => mergeCommand(context, { files, ...flags }));
    });
}
