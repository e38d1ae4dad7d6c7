import { Option, type Command } from 'commander';
import type { NetworkAccess } from '../../config/config.ts';
import { failure } from '../../core/failure.ts';
import { err, type Result } from '../../core/result.ts';
import type { WorkspaceMode } from '../../environment/workspace-mode.ts';
import type { CommandContext } from '../context.ts';
import { parseJobs, parseRepeat, parseShard, toolchainOption, workspaceOption } from '../options.ts';
import { runReportKinds } from '../../report/report-kinds.ts';
import type { ProjectRun } from '../../app/run/project-run.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** The commands that run something in the environment. */
export const runCommands = ['up', 'fix', 'run', 'shell'] as const;

/** Adds runCommands. */
export function addRunCommands(program: Command, session: RunInSession): void {
  addUp(program, session);
  addFix(program, session);
  addRun(program, session);
  addShell(program, session);
}

function addUp(program: Command, session: RunInSession): void {
  addCommand(program, 'up', 'run the pipeline in the pinned environment', 'parity up format types --jobs 2')
    .argument('[step...]', 'only these steps, with what they need')
    .option('--cold', 'run as CI does: fresh containers, empty caches')
    .option('--no-cache', 'run every step, whatever passed before (with --watch: in the first round)')
    .option('--watch', 'run again what a change touches; enter = run again, f = fix, q = quit')
    .option(
      '--repeat <n>',
      'run the steps n times with shuffled tests, and say which are unstable (parity up --repeat 10 tests)',
      parseRepeat,
    )
    .option('--explain <step>', 'say why this step runs, or why it does not')
    .option('--frozen', 'use the lock as it is, or fail')
    .option(
      '--jobs <n>',
      "how many steps may run at once (default: the engine's CPUs; 1: in the pipeline's order)",
      parseJobs,
    )
    .option('--shard <i/n>', "one of n machines' parts: its steps, and its files of those that run pytest", parseShard)
    .option('--fail-fast', 'start no further step after the first failure')
    .addOption(workspaceOption())
    .action(async (steps: string[], flags: UpFlags, command: Command) => {
      const body = async (context: CommandContext): Promise<Result<number>> => {
        const run = await runnerOf(flags);
        return await run(context, {
          steps,
          cold: flags.cold === true,
          frozen: flags.frozen === true,
          noCache: !flags.cache,
          failFast: flags.failFast === true,
          workspace: flags.workspace,
          caller: context.invocation,
          ...(flags.explain === undefined ? {} : { explainStep: flags.explain }),
          ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
          ...(flags.shard === undefined ? {} : { shard: flags.shard }),
        });
      };
      await session(command, body, { reports: runReportKinds });
    });
}

function addFix(program: Command, session: RunInSession): void {
  addCommand(
    program,
    'fix',
    "run the steps' fix commands, and show what they change before it is written",
    'parity fix format',
  )
    .argument('[step...]', 'only these steps (default: all that have a fix command)')
    .option('-y, --yes', 'write without asking')
    .option('--check', 'only show what would change; exit 1 when something would')
    .option(
      '--no-rewrite',
      "only the fix commands; no rewrites of Python code (None as a default, dataclasses' defaults)",
    )
    .option('--in-progress', 'also files that are staged and changed again since, or in conflict')
    .option('--frozen', 'use the lock as it is, or fail')
    .action(async (steps: string[], flags: FixFlags, command: Command) => {
      const { fix } = await import('../commands/fix.ts');
      await session(command, (context) =>
        fix(context, {
          steps,
          check: flags.check === true,
          yes: flags.yes === true,
          inProgress: flags.inProgress === true,
          frozen: flags.frozen === true,
          rewrite: flags.rewrite,
        }),
      );
    });
}

function addRun(program: Command, session: RunInSession): void {
  withNetwork(addCommand(program, 'run', 'run one command in the environment', 'parity run -- mypy --version'))
    .argument('<command...>', 'the command and its arguments')
    .action(async (argv: string[], flags: EnvironmentFlags, command: Command) => {
      const { run } = await import('../commands/run.ts');
      await session(command, (context) => run(context, { command: argv, ...environmentFlags(flags) }), {
        patient: true,
      });
    });
}

function addShell(program: Command, session: RunInSession): void {
  withNetwork(addCommand(program, 'shell', 'open a shell in the environment', 'parity shell --network full')).action(
    async (flags: EnvironmentFlags, command: Command) => {
      const { shell } = await import('../commands/shell.ts');
      await session(command, (context) => shell(context, environmentFlags(flags)), { patient: true });
    },
  );
}

async function runnerOf({
  watch,
  repeat: times,
}: UpFlags): Promise<(context: CommandContext, run: ProjectRun) => Promise<Result<number>>> {
  if (watch === true && times !== undefined) {
    const next = 'parity up --watch, or parity up --repeat N';
    return () => Promise.resolve(err(failure('usage', '--watch and --repeat do not go together', { next })));
  }
  if (watch === true) return (await import('../commands/watch.ts')).watch;
  if (times === undefined) return (await import('../commands/up.ts')).up;
  const { repeat } = await import('../commands/repeat.ts');
  return (context, run) => repeat(context, { ...run, times });
}

interface UpFlags {
  readonly cold?: boolean;
  /** False with --no-cache. */
  readonly cache: boolean;
  readonly frozen?: boolean;
  readonly watch?: boolean;
  readonly repeat?: number;
  readonly explain?: string;
  readonly jobs?: number;
  readonly failFast?: boolean;
  readonly shard?: ReturnType<typeof parseShard>;
  readonly workspace: WorkspaceMode;
}

interface FixFlags {
  readonly yes?: boolean;
  readonly check?: boolean;
  readonly inProgress?: boolean;
  readonly frozen?: boolean;
  /** False with --no-rewrite. */
  readonly rewrite: boolean;
}

interface EnvironmentFlags {
  readonly network: NetworkAccess;
  readonly toolchain?: string;
  readonly frozen?: boolean;
  readonly workspace: WorkspaceMode;
}

function withNetwork(command: Command): Command {
  return command
    .addOption(
      new Option('--network <access>', 'what of the network it may reach')
        .choices(['none', 'services', 'full'])
        .default('services'),
    )
    .addOption(toolchainOption())
    .option('--frozen', 'use the lock as it is, or fail')
    .addOption(workspaceOption());
}

function environmentFlags({
  network,
  toolchain,
  frozen,
  workspace,
}: EnvironmentFlags): EnvironmentFlags & { frozen: boolean } {
  return { network, ...(toolchain === undefined ? {} : { toolchain }), workspace, frozen: frozen === true };
}
