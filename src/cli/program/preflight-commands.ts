import { Option, type Command } from 'commander';
import type { WorkspaceMode } from '../../environment/workspace-mode.ts';
import { parseJobs, workspaceOption } from '../options.ts';
import { runReportKinds } from '../../report/report-kinds.ts';
import type { PushHook } from '../../app/preflight/tips.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds what checks commits before they are pushed: preflight, hook. */
export function addPreflightCommands(program: Command, session: RunInSession): void {
  addCommand(
    program,
    'preflight',
    'run the pipeline on a clean checkout of a commit, as CI will',
    'parity preflight --commit HEAD~1',
  )
    .argument('[step...]', 'only these steps, with what they need')
    .option('--commit <rev>', 'the commit to check (default: HEAD)')
    .option('--cold', 'run as CI does: fresh containers, empty caches')
    .option('--no-cache', 'run every step, whatever passed before')
    .option('--jobs <n>', "how many steps may run at once (default: the engine's CPUs)", parseJobs)
    .option('--fail-fast', 'start no further step after the first failure')
    .addOption(workspaceOption())
    .addOption(new Option('--hook <name>', 'who calls').choices(['pre-push', 'pre-commit']).hideHelp())
    .action(async (steps: string[], flags: PreflightFlags, command: Command) => {
      const { preflight } = await import('../commands/preflight.ts');
      const { commit, hook, jobs, cold = false, failFast = false, workspace } = flags;
      await session(
        command,
        (context) =>
          preflight(context, {
            // A hook is given the remote's name and address.
            steps: hook === undefined ? steps : [],
            cold,
            failFast,
            workspace,
            ...(jobs === undefined ? {} : { jobs }),
            ...(commit === undefined ? {} : { commit }),
            ...(hook === undefined ? {} : { hook }),
          }),
        { reports: runReportKinds },
      );
    });
  const hook = addCommand(program, 'hook', 'check what is pushed before it is', 'parity hook install');
  addCommand(hook, 'install', 'add the check to the pre-push hook that git runs here', 'parity hook install')
    .option('--shared', 'even into a folder of hooks that other repositories use, too')
    .action(async (flags: { readonly shared?: boolean }, command: Command) => {
      const { hookCommand } = await import('../commands/hook.ts');
      await session(command, (context) => hookCommand(context, { action: 'install', shared: flags.shared === true }));
    });
  addCommand(hook, 'uninstall', 'take it out again, and nothing else', 'parity hook uninstall').action(
    async (_flags: unknown, command: Command) => {
      const { hookCommand } = await import('../commands/hook.ts');
      await session(command, (context) => hookCommand(context, { action: 'uninstall', shared: false }));
    },
  );
}

interface PreflightFlags {
  readonly commit?: string;
  readonly cold?: boolean;
  readonly jobs?: number;
  readonly failFast?: boolean;
  readonly workspace: WorkspaceMode;
  readonly hook?: PushHook;
}
