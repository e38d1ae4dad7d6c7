import { Argument, type Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity ci`. */
export function addCiCommand(program: Command, session: RunInSession): void {
  addCommand(program, 'ci', "write the CI file that runs the pipeline in the lock's image", 'parity ci github')
    .addArgument(new Argument('<system>', 'whose file').choices(['github', 'gitlab']))
    .option('--check', 'only say whether the file is what parity.yaml says; exit 1 when it is not')
    .option('--output <file>', 'write it there (- is stdout)')
    .option('--force', 'replace a file that parity did not write')
    .action(async (system: 'github' | 'gitlab', flags: CiFlags, command: Command) => {
      const { ci } = await import('../commands/ci.ts');
      const { output } = flags;
      const asked = { check: flags.check === true, force: flags.force === true };
      await session(command, (context) =>
        ci(context, { system, ...asked, ...(output === undefined ? {} : { output }) }),
      );
    });
}

interface CiFlags {
  readonly check?: boolean;
  readonly output?: string;
  readonly force?: boolean;
}
