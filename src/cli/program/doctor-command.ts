import type { Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity doctor`. */
export function addDoctorCommand(program: Command, session: RunInSession): void {
  addCommand(program, 'doctor', 'find every version and command that disagrees with the lock', 'parity doctor --fix')
    .option('--fix', 'rewrite the pins that can be rewritten for certain, and show the diff')
    .option('--dry-run', 'with --fix: only show the diff')
    .option('--rule <id...>', 'ask only these rules')
    .option('--list-rules', 'say what each rule finds')
    .option('--strict', 'exit 1 for warnings, too')
    .option('--offline', 'look at files only: no engine, no image, no host')
    .action(async (flags: DoctorCommandFlags, command: Command) => {
      const { doctor } = await import('../commands/doctor.ts');
      const { fix = false, dryRun = false, rule = [], listRules = false, strict = false, offline = false } = flags;
      if (dryRun && !fix) command.error('error: --dry-run goes with --fix');
      await session(command, (context) => doctor(context, { fix, dryRun, rules: rule, listRules, strict, offline }), {
        reports: ['sarif'],
      });
    });
}

interface DoctorCommandFlags {
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly rule?: readonly string[];
  readonly listRules?: boolean;
  readonly strict?: boolean;
  readonly offline?: boolean;
}
