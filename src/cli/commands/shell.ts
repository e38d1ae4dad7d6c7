import type { NetworkAccess } from '../../config/config.ts';
import { failure } from '../../core/failure.ts';
import { err, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import { inEnvironment, type EnvironmentFlags } from '../../app/project/in-environment.ts';
import type { CommandContext } from '../context.ts';

/** `parity shell`: gives the shell's own exit code. */
export async function shell(
  context: CommandContext,
  flags: Omit<EnvironmentFlags, 'verbose'>,
): Promise<Result<number>> {
  const { stdin, stdout, stderr, verbose } = context.terminal;
  const { network } = flags;
  return await inEnvironment(context, { ...flags, verbose }, ({ environment, engine, cwd }) =>
    shellCommand({ stdin, stdout, stderr, engine, environment, network, cwd, env: {} }),
  );
}

/** What `parity shell` needs; the environment was opened with `network` among its accesses, and is released here. */
interface ShellOptions {
  readonly engine: Engine;
  readonly environment: Environment;
  readonly network: NetworkAccess;
  /** Absolute path in the container. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * `parity shell`: bash inside the environment, in the caller's terminal where stdin and stdout are one, else fed from stdin.
 * The environment's session stays open beside it, so that the lease can't run out under a person who thinks.
 */
async function shellCommand(options: ShellOptions): Promise<Result<number>> {
  const { engine, environment, network, stdin, stdout, stderr } = options;
  const restore: (() => void)[] = [];
  try {
    // Where no service is declared, the container of `services` is that of `none`.
    const id = environment.containers[network] ?? (network === 'services' ? environment.containers.none : undefined);
    if (id === undefined)
      return err(failure('environment-lost', `There is no container with network access ${network}`));
    const tty = stdin.isTTY && stdout.isTTY;
    const started = await engine.exec(id, {
      command: ['bash', '--norc', ...(tty ? ['-i'] : ['-s'])],
      env: { TERM: process.env['TERM'] ?? 'xterm', PS1: '(parity) \\w \\$ ', HISTFILE: '', ...options.env },
      workingDir: options.cwd,
      stdin: true,
      tty,
    });
    if (!started.ok) return started;
    const shell = started.value;
    if (tty) {
      const resize = (): void => void shell.resize(stdout.columns, stdout.rows);
      resize();
      stdout.on('resize', resize);
      stdin.setRawMode(true);
      restore.push(
        () => stdin.setRawMode(false),
        () => stdout.off('resize', resize),
      );
    }
    if (shell.stdin !== undefined) stdin.pipe(shell.stdin);
    shell.stdout.pipe(stdout, { end: false });
    shell.stderr.pipe(stderr, { end: false });
    return await shell.exitCode;
  } finally {
    for (const undo of restore) undo();
    stdin.unpipe();
    stdin.destroy();
    await environment.release();
  }
}
