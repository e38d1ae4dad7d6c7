import type { Command } from 'commander';
import { parseJobs } from '../options.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds the commands about earlier runs: history, logs, bundle. */
export function addRecordCommands(program: Command, session: RunInSession): void {
  addCommand(program, 'history', 'list the last runs of this project, the newest first', 'parity history -n 5')
    .option('-n, --number <n>', 'how many', parseJobs, 20)
    .option('--all', 'image and lock changes, clean and down as well')
    .action(async (flags: { readonly number: number; readonly all?: boolean }, command: Command) => {
      const { history } = await import('../commands/history.ts');
      await session(command, (context) => history(context, { number: flags.number, all: flags.all === true }));
    });
  addCommand(program, 'logs', 'print what the steps of a run printed, of the last one by default', 'parity logs tests')
    .argument('[run]', 'its ID as parity history shows it, or the beginning of it; or a step of the last run')
    .argument('[step]', 'only this step')
    .action(async (run: string | undefined, step: string | undefined, _flags: unknown, command: Command) => {
      const { logs } = await import('../commands/logs.ts');
      await session(command, (context) =>
        logs(
          context,
          [run, step].flatMap((word) => word ?? []),
        ),
      );
    });
  addCommand(
    program,
    'bundle',
    'gather what whoever helps needs to see in one archive, secrets removed',
    'parity bundle --yes trouble.tar.gz',
  )
    .argument('[file]', 'the archive, or a folder for it (default: parity-bundle-TIME.tar.gz here)')
    .option('--yes', 'write it without asking; what is in it is shown all the same')
    .action(async (file: string | undefined, flags: { readonly yes?: boolean }, command: Command) => {
      const { bundle } = await import('../commands/bundle.ts');
      await session(command, (context) =>
        bundle(context, { yes: flags.yes === true, ...(file === undefined ? {} : { file }) }),
      );
    });
}
