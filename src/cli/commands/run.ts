import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { NetworkAccess } from '../../config/config.ts';
import { onAbort } from '../../core/interruption.ts';
import { inEnvironment, type EnvironmentFlags } from '../../app/project/in-environment.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { withPytestCache } from '../../environment/pytest-plugins.ts';
import { isPlainPytestCommand } from '../../formats/plain-pytest.ts';
import type { CommandContext } from '../context.ts';
import type { CommandExit, Environment, RunningCommand } from '../../environment/environment.ts';

/** `parity run -- cmd…`: gives the command's own exit code. */
export async function run(
  context: CommandContext,
  flags: Omit<EnvironmentFlags, 'verbose'> & { readonly command: readonly string[] },
): Promise<Result<number>> {
  const [program, ...rest] = flags.command;
  if (program === undefined)
    return err(failure('usage', 'there is no command to run', { next: 'parity run -- mypy --version' }));
  const { terminal, signal } = context;
  const { stdin, stdout, stderr, verbose } = terminal;
  return await inEnvironment(context, { ...flags, verbose }, ({ environment, cwd }) =>
    runCommand({
      stdin,
      stdout,
      stderr,
      signal,
      environment,
      argv: [program, ...rest],
      cwd,
      // The cache of the steps, so that `parity run -- pytest --lf` runs what failed in them.
      env: isPlainPytestCommand(flags.command) ? withPytestCache({}) : {},
      network: flags.network,
      ...(flags.toolchain === undefined ? {} : { toolchain: flags.toolchain }),
    }),
  );
}

/** What `parity run` needs; it releases the environment. */
export interface RunCommandOptions {
  readonly environment: Environment;
  readonly argv: readonly [string, ...string[]];
  /** Absolute path in the container. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `services` gives what is declared, or nothing. */
  readonly network: NetworkAccess;
  /** In whose image; the default one by default. */
  readonly toolchain?: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted by the first Ctrl-C (or SIGTERM), which the command gets; its own end is still waited for. */
  readonly signal: AbortSignal;
}

/**
 * `parity run -- cmd…`: one command in the environment, its streams passed through as they come. Gives the command's exit
 * code, 128 + N when signal N ended it, as a shell does.
 */
export async function runCommand(options: RunCommandOptions): Promise<Result<number>> {
  const { environment, argv, cwd, env = {}, network, toolchain, stdin, stdout, stderr, signal } = options;
  const named = toolchain === undefined ? {} : { toolchain };
  try {
    const started = await environment.start({ name: 'run', argv, cwd, env, network, ...named, stdin });
    if (!started.ok) return started;
    const command = started.value;
    const forward = (): void => command.signal(signalOf(signal.reason));
    const stopListening = onAbort(signal, forward);
    await passOutput(command, stdout, stderr);
    const exit = await command.exit;
    stopListening();
    return exit.ok ? ok(shellCode(exit.value)) : exit;
  } finally {
    // Its next byte would be waited for, and the process with it.
    stdin.destroy();
    await environment.release();
  }
}

/** The number that a shell gives for an exit. */
export function shellCode({ exitCode, signal }: CommandExit): number {
  if (exitCode !== null) return exitCode;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + ((signal === null ? undefined : numbers[signal]) ?? constants.signals.SIGKILL);
}

/** Writes output as fast as it is taken; a reader that went away (`| head`) ends the command, as a broken pipe would. */
async function passOutput(command: RunningCommand, stdout: Writable, stderr: Writable): Promise<void> {
  let broken = false;
  const onError = (): void => {
    broken = true;
    command.signal('SIGTERM');
  };
  stdout.on('error', onError);
  stderr.on('error', onError);
  try {
    for await (const { stream, data } of command.output) {
      const target = stream === 'stdout' ? stdout : stderr;
      if (!broken && !target.write(data)) await writable(target);
    }
  } finally {
    stdout.off('error', onError);
    stderr.off('error', onError);
  }
}

function writable(target: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'error', 'close']) target.off(event, settle);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) target.on(event, settle);
    if (target.destroyed) settle();
  });
}

function signalOf(reason: unknown): 'SIGINT' | 'SIGTERM' {
  return typeof reason === 'object' && reason !== null && 'signal' in reason && reason.signal === 'SIGTERM'
    ? 'SIGTERM'
    : 'SIGINT';
}
