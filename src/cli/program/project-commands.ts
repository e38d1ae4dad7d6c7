import { Option, type Command } from 'commander';
import { platforms, type Platform } from '../../core/platform.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds what makes a project's files and its image: init, lock, build. */
export function addProjectCommands(program: Command, session: RunInSession): void {
  addCommand(program, 'init', 'detect the repo and write parity.yaml', 'parity init')
    .option('--force', 'replace the parity.yaml that is there')
    .action(async (flags: { readonly force?: boolean }, command: Command) => {
      const { init } = await import('../actions.ts');
      await session(command, (context) => init(context, { force: flags.force === true }));
    });
  addCommand(program, 'lock', 'pin every version and hash in parity.lock.json', 'parity lock --upgrade mypy black')
    .option('--check', 'only say whether the lock is up to date; exit 1 when it is not')
    .option('--upgrade [package...]', 'move to the newest versions allowed: all, or those named')
    .addOption(
      new Option('--platform <os/arch>', "with --check: the lock must name this platform's image, too").choices([
        ...platforms,
      ]),
    )
    .action(async (flags: LockFlags, command: Command) => {
      const { lock } = await import('../actions.ts');
      const upgrade: false | 'all' | readonly string[] = flags.upgrade === true ? 'all' : (flags.upgrade ?? false);
      const { platform } = flags;
      const asked = { check: flags.check === true, upgrade, ...(platform === undefined ? {} : { platform }) };
      await session(command, (context) => lock(context, asked));
    });
  addCommand(program, 'build', 'build the image that the lock pins', 'parity build --no-cache')
    .option('--no-cache', "build it again, with nothing of the engine's build cache")
    .option('--frozen', 'use the lock as it is, or fail')
    .option('--check', "build from nothing and say whether that is the lock's image; exit 1 when it is not")
    .action(async (flags: BuildFlags, command: Command) => {
      const { build } = await import('../actions.ts');
      const [frozen, check] = [flags.frozen === true, flags.check === true];
      await session(command, (context) => build(context, { noCache: !flags.cache, frozen, check }));
    });
}

interface LockFlags {
  readonly check?: boolean;
  readonly upgrade?: true | string[];
  readonly platform?: Platform;
}

interface BuildFlags {
  readonly cache: boolean;
  readonly frozen?: boolean;
  readonly check?: boolean;
}
