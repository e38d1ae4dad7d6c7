import { Command, CommanderError, Option } from 'commander';
import type { NetworkAccess } from '../config/config.ts';
import { platforms, type Platform } from '../core/platform.ts';
import { parityVersion } from '../core/version.ts';
import { exitCodes } from './exit.ts';
import { parseJobs, parseReport, parseSboms, reporterNames, separateCommand, type GlobalOptions } from './options.ts';
import { inSession, type CommandBody, type ProcessEdge, type SessionTraits } from './session.ts';

/**
 * Reads the command line and runs the command; gives the exit code. Only what the command needs is loaded: each action
 * imports its own command.
 */
export async function runCli(edge: ProcessEdge): Promise<number> {
  let code: number = exitCodes.yes;
  const program = createProgram(edge, (exitCode) => (code = exitCode));
  try {
    await program.parseAsync(separateCommand(edge.argv), { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed the help, the version or the mistake by now.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.yes : exitCodes.couldNotAsk;
    throw error;
  }
}

function createProgram(edge: ProcessEdge, exit: (code: number) => void): Command {
  const program = new Command('parity')
    .description('What passes here passes in CI: one lock, one image, the same pipeline on a laptop and in CI.')
    .version(parityVersion, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .option('--cwd <dir>', 'start in this folder')
    .option('--host <address>', 'the engine to use, e.g. unix:///run/user/1000/podman/podman.sock')
    .addOption(new Option('--reporter <name>', 'how to tell what happens').choices(reporterNames).default('auto'))
    .addOption(new Option('--report <kind=file>', 'also write a report').argParser(parseReport).default([]).hideHelp())
    .option('--quiet', 'print failures and results only')
    .option('--verbose', 'print everything, the output of steps that passed included')
    .option('--no-color', 'print without colours, as NO_COLOR=1 does')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void edge.stdout.write(text),
      writeErr: (text) => void edge.stderr.write(text),
      getOutHelpWidth: () => edge.stdout.columns ?? 100,
      getErrHelpWidth: () => edge.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(parity --help lists the commands)')
    .addHelpText(
      'after',
      `
Examples:
  parity up                     run the pipeline as CI does
  parity run -- mypy --version  one command in the pinned environment

Exit codes: 0 passed · 1 a step failed or a check did not hold · 2 usage, config or lock · 3 engine, network or disk ·
70 a bug in parity · 130/143 interrupted`,
    );
  addCommands(program, (command, body, traits) =>
    inSession(edge, command.optsWithGlobals<GlobalOptions>(), body, traits).then(exit),
  );
  return program;
}

type RunInSession = (command: Command, body: CommandBody, traits?: SessionTraits) => Promise<void>;

// The order is the help's: what a newcomer needs first.
function addCommands(program: Command, session: RunInSession): void {
  addCommand(program, 'init', 'detect the repo and write parity.yaml', 'parity init')
    .option('--force', 'replace the parity.yaml that is there')
    .action(async (flags: { readonly force?: boolean }, command: Command) => {
      const { init } = await import('./actions.ts');
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
      const { lock } = await import('./actions.ts');
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
      const { build } = await import('./actions.ts');
      const [frozen, check] = [flags.frozen === true, flags.check === true];
      await session(command, (context) => build(context, { noCache: !flags.cache, frozen, check }));
    });
  const image = addCommand(program, 'image', "share the lock's image instead of building it", 'parity image push');
  for (const [name, description] of [
    ['push', 'push it to image.repository (parity.yaml), by its digest'],
    ['pull', 'pull it from there; what is not the image that the lock names is refused'],
  ] as const)
    addCommand(image, name, description, `parity image ${name}`).action(async (_flags: unknown, command: Command) => {
      const actions = await import('./actions.ts');
      await session(command, (context) => actions.image(context, { name }));
    });
  addCommand(
    image,
    'save',
    'write it to a file that any engine loads (OCI layout and docker archive in one)',
    'parity image save parity-image.tar --sbom spdx=parity-image.spdx.json',
  )
    .argument('[file]', 'the archive; may be left out with --sbom')
    .option('--sbom <format=file>', 'write a bill of materials: cyclonedx=FILE or spdx=FILE', parseSboms, [])
    .action(async (file: string | undefined, flags: SaveFlags, command: Command) => {
      if (file === undefined && flags.sbom.length === 0) command.error("error: missing required argument 'file'");
      const actions = await import('./actions.ts');
      const saved = { name: 'save', sboms: flags.sbom, ...(file === undefined ? {} : { file }) } as const;
      await session(command, (context) => actions.image(context, saved));
    });
  addCommand(
    image,
    'load',
    "load such a file into the engine, if it is the lock's image",
    'parity image load parity-image.tar',
  )
    .argument('<file>', 'the archive')
    .action(async (file: string, _flags: unknown, command: Command) => {
      const actions = await import('./actions.ts');
      await session(command, (context) => actions.image(context, { name: 'load', file }));
    });
  addCommand(program, 'up', 'run the pipeline in the pinned environment', 'parity up format types --jobs 2')
    .argument('[step...]', 'only these steps, with what they need')
    .option('--cold', 'run as CI does: fresh containers, empty caches')
    .option('--no-cache', 'run every step, whatever passed before')
    .option('--frozen', 'use the lock as it is, or fail')
    .option('--jobs <n>', "how many steps may run at once (default: the engine's CPUs)", parseJobs)
    .option('--fail-fast', 'start no further step after the first failure')
    .action(async (steps: string[], flags: UpFlags, command: Command) => {
      const { up } = await import('./commands/up.ts');
      await session(command, (context) =>
        up(context, {
          steps,
          cold: flags.cold === true,
          frozen: flags.frozen === true,
          failFast: flags.failFast === true,
          ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
        }),
      );
    });
  withNetwork(addCommand(program, 'run', 'run one command in the environment', 'parity run -- mypy --version'))
    .argument('<command...>', 'the command and its arguments')
    .action(async (argv: string[], flags: EnvironmentFlags, command: Command) => {
      const { run } = await import('./actions.ts');
      await session(command, (context) => run(context, { command: argv, ...environmentFlags(flags) }), {
        patient: true,
      });
    });
  withNetwork(addCommand(program, 'shell', 'open a shell in the environment', 'parity shell --network full')).action(
    async (flags: EnvironmentFlags, command: Command) => {
      const { shell } = await import('./actions.ts');
      await session(command, (context) => shell(context, environmentFlags(flags)), { patient: true });
    },
  );
  addCommand(program, 'status', 'say which engine is used and why, and what is there', 'parity status').action(
    async (_flags: unknown, command: Command) => {
      const { status } = await import('./actions.ts');
      await session(command, status);
    },
  );
  addCommand(program, 'doctor', 'find every version and command that disagrees with the lock', 'parity doctor --fix')
    .option('--fix', 'rewrite the pins that can be rewritten for certain, and show the diff')
    .option('--dry-run', 'with --fix: only show the diff')
    .option('--rule <id...>', 'ask only these rules')
    .option('--list-rules', 'say what each rule finds')
    .option('--strict', 'exit 1 for warnings, too')
    .option('--offline', 'look at files only: no engine, no image, no host')
    .action(async (flags: DoctorCommandFlags, command: Command) => {
      const { doctor } = await import('./actions.ts');
      const { fix = false, dryRun = false, rule = [], listRules = false, strict = false, offline = false } = flags;
      if (dryRun && !fix) command.error('error: --dry-run goes with --fix');
      await session(command, (context) => doctor(context, { fix, dryRun, rules: rule, listRules, strict, offline }), {
        reports: ['sarif'],
      });
    });
  addCommand(program, 'down', "end this project's containers now", 'parity down').action(
    async (_flags: unknown, command: Command) => {
      const { down } = await import('./actions.ts');
      await session(command, down);
    },
  );
  addCommand(program, 'clean', 'remove what parity made in the engine', 'parity clean --all')
    .option('--all', 'also what is in use right now')
    .action(async (flags: { readonly all?: boolean }, command: Command) => {
      const { clean } = await import('./actions.ts');
      await session(command, (context) => clean(context, { all: flags.all === true }));
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

interface SaveFlags {
  readonly sbom: ReturnType<typeof parseSboms>;
}

interface DoctorCommandFlags {
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly rule?: readonly string[];
  readonly listRules?: boolean;
  readonly strict?: boolean;
  readonly offline?: boolean;
}

interface UpFlags {
  readonly cold?: boolean;
  readonly frozen?: boolean;
  readonly jobs?: number;
  readonly failFast?: boolean;
}

interface EnvironmentFlags {
  readonly network: NetworkAccess;
  readonly frozen?: boolean;
}

function withNetwork(command: Command): Command {
  return command
    .addOption(
      new Option('--network <access>', 'what of the network it may reach')
        .choices(['none', 'services', 'full'])
        .default('services'),
    )
    .option('--frozen', 'use the lock as it is, or fail');
}

function environmentFlags({ network, frozen }: EnvironmentFlags): { network: NetworkAccess; frozen: boolean } {
  return { network, frozen: frozen === true };
}

function addCommand(program: Command, name: string, summary: string, example: string): Command {
  return program
    .command(name)
    .description(summary)
    .helpOption('--help', 'print this help')
    .showHelpAfterError(`(parity ${name} --help tells more)`)
    .addHelpText('after', `\nExample:\n  ${example}`);
}
