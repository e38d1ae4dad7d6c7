import { Command, CommanderError, Option } from 'commander';
import { parityVersion } from '../core/version.ts';
import { exitCodes } from './exit.ts';
import { reporterChoices, reportOption, separateCommand, type GlobalOptions } from './options.ts';
import type { RunInSession } from './program/add-command.ts';
import { addCacheCommands } from './program/cache-commands.ts';
import { addCiCommand } from './program/ci-command.ts';
import { addDoctorCommand } from './program/doctor-command.ts';
import { addEngineCommands } from './program/engine-commands.ts';
import { addExplainCommand } from './program/explain-command.ts';
import { addImageCommands } from './program/image-commands.ts';
import { addPreflightCommands } from './program/preflight-commands.ts';
import { addProjectCommands } from './program/project-commands.ts';
import { addReceiptCommands } from './program/receipt-commands.ts';
import { addRecordCommands } from './program/record-commands.ts';
import { addRunCommands, runCommands } from './program/run-commands.ts';
import { inSession, type ProcessEdge } from './session.ts';

// The order is the help's: what a newcomer needs first.
const addAll = [
  addProjectCommands,
  addImageCommands,
  addRunCommands,
  addPreflightCommands,
  addExplainCommand,
  addRecordCommands,
  addReceiptCommands,
  addDoctorCommand,
  addCiCommand,
  addCacheCommands,
  addEngineCommands,
];

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
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.yes : exitCodes.usageError;
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
    .addOption(new Option('--reporter <name>', 'how to tell what happens').choices(reporterChoices).default('auto'))
    .addOption(reportOption())
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
  const session: RunInSession = (command, body, traits) =>
    inSession(edge, command.optsWithGlobals<GlobalOptions>(), body, traits).then(exit);
  // A run's words need no other command, which would take as long to make as the words to be read.
  const isRun = (runCommands as readonly unknown[]).includes(edge.argv[0]);
  for (const add of isRun ? [addRunCommands] : addAll) add(program, session);
  return program;
}
