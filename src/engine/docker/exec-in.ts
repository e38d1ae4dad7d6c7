import { setTimeout as delay } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { onAbort } from '../../core/interruption.ts';
import { ok, type Result } from '../../core/result.ts';
import type { ExecOptions, ExecProcess } from '../engine.ts';
import { openChannel } from './channel.ts';
import type { DockerClient } from './client.ts';
import { toEnv } from './convert.ts';

/** Starts a command in a running container and gives its streams. */
export async function execIn(client: DockerClient, id: string, options: ExecOptions): Promise<Result<ExecProcess>> {
  const { command, env, user, workingDir, stdin = false, tty = false, signal } = options;
  const action = `run ${command[0] ?? 'a command'} in container ${id.slice(0, 12)}`;
  const started = await client.call(
    action,
    async (docker) => {
      const exec = await docker.getContainer(id).exec({
        Cmd: [...command],
        AttachStdin: stdin,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        Env: toEnv(env),
        ...(user !== undefined && { User: user }),
        ...(workingDir !== undefined && { WorkingDir: workingDir }),
        ...(signal !== undefined && { abortSignal: signal }),
      });
      const body = { _query: {}, _body: { Detach: false, Tty: tty }, hijack: true, stdin, Tty: tty };
      const socket = (await exec.start(body as Docker.ExecStartOptions)) as Duplex;
      return { exec, socket };
    },
    { signal },
  );
  if (!started.ok) return started;
  const { exec, socket } = started.value;
  const channel = openChannel(socket, { tty, stdin, engineCall: client.describeCall(action, { signal }) });
  const abort = (): void => void socket.destroy(new Error('interrupted'));
  const stopListening = onAbort(signal, abort);

  const exitCode = channel.closed.then(async (closed): Promise<Result<number>> => {
    stopListening();
    return closed.ok ? client.call(action, () => codeOf(exec, signal), { signal }) : closed;
  });
  return ok({
    stdin: stdin ? channel.stdin : undefined,
    stdout: channel.stdout,
    stderr: channel.stderr,
    exitCode,
    resize: async (columns, rows) => {
      // Best effort: the command may have ended meanwhile, and a size is no reason to fail.
      await exec.resize({ w: columns, h: rows }).catch(() => undefined);
    },
  });
}

/**
 * The streams end when the command closes its output, which may be before it ends; and the API has no way to wait for an
 * exec. So its state is asked until it has an exit code: at once, and then less and less often.
 */
async function codeOf(exec: Docker.Exec, signal: AbortSignal | undefined): Promise<number> {
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const { Running: running, ExitCode: code } = await exec.inspect();
    if (!running && code !== null) return code;
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
