import { Option, type Command } from 'commander';
import { platforms, type Platform } from '../../core/platform.ts';
import type { ImportSource } from '../../app/init/import-ci.ts';
import { toolchainsOption } from '../options.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds what makes a project's files and its image: init, lock, build. */
export function addProjectCommands(program: Command, session: RunInSession): void {
  addCommand(
    program,
    'init',
    "write parity.yaml: what the repo's CI checks it with, else what its layout shows",
    'parity init --from .github/workflows/ci.yml',
  )
    .option('--force', 'replace the parity.yaml that is there')
    .option(
      '--from [file...]',
      'import all jobs of GitHub workflows or a .gitlab-ci.yml: a file, github, gitlab, or auto',
    )
    .option(
      '--verify',
      'then run it once on a clean checkout, and say how each step of CI ended; exit 1 when one fails',
    )
    .action(async (flags: InitFlags, command: Command) => {
      const { init } = await import('../commands/init.ts');
      const from = importSource(flags.from);
      const asked = {
        force: flags.force === true,
        verify: flags.verify === true,
        ...(from === undefined ? {} : { from }),
      };
      await session(command, (context) => init(context, asked));
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
      const { lock } = await import('../commands/lock.ts');
      const upgrade: false | 'all' | readonly string[] = flags.upgrade === true ? 'all' : (flags.upgrade ?? false);
      const { platform } = flags;
      const asked = { check: flags.check === true, upgrade, ...(platform === undefined ? {} : { platform }) };
      await session(command, (context) => lock(context, asked));
    });
  addCommand(program, 'build', 'build the image that the lock pins', 'parity build --no-cache')
    .option('--no-cache', "build it again, with nothing of the engine's build cache")
    .option('--frozen', 'use the lock as it is, or fail')
    .addOption(toolchainsOption())
    .option('--check', "build from nothing and say whether that is the lock's image; exit 1 when it is not")
    .action(async (flags: BuildFlags, command: Command) => {
      const { build } = await import('../commands/build.ts');
      const [frozen, check] = [flags.frozen === true, flags.check === true];
      const asked = { noCache: !flags.cache, frozen, check, toolchains: flags.toolchain ?? ('all' as const) };
      await session(command, (context) => build(context, asked));
    });
}

/** `--from` alone is `auto`; one word may name a system, everything else is a file. */
function importSource(from: InitFlags['from']): ImportSource | undefined {
  if (from === undefined) return undefined;
  const [first] = from === true ? ['auto'] : from;
  const isWord = from === true || from.length === 1;
  return isWord && (first === 'auto' || first === 'github' || first === 'gitlab')
    ? first
    : from === true
      ? 'auto'
      : from;
}

interface InitFlags {
  readonly force?: boolean;
  readonly verify?: boolean;
  readonly from?: true | string[];
}

interface LockFlags {
  readonly check?: boolean;
  readonly upgrade?: true | string[];
  readonly platform?: Platform;
}

interface BuildFlags {
  readonly toolchain?: readonly string[];
  readonly cache: boolean;
  readonly frozen?: boolean;
  readonly check?: boolean;
}
