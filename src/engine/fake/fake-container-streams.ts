import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Err } from '../../core/result.ts';
import type { StreamMethods } from '../docker/container-streams.ts';
import { findContainer, noSuchContainer } from './fake-container-lookup.ts';
import { fakeProcess } from './fake-process.ts';
import type { FakePrograms } from './fake-programs.ts';
import type { FakeState } from './fake-state.ts';

/** The streams of the fake's containers. */
export function fakeStreamMethods(state: FakeState, programs: FakePrograms): StreamMethods {
  return {
    async attachContainer(id, { stdin = false, logs = false } = {}) {
      const container = findContainer(state, id);
      if (container === undefined) return noSuchContainer(id, `attach to container ${id}`);
      const kept = container.spec.keepOutput !== false;
      return ok(container.main.attach({ stdin, logs: logs && kept, tty: container.spec.tty ?? false }));
    },

    async exec(id, { command, env = {}, user, workingDir, stdin = false, tty = false, signal }) {
      const container = findContainer(state, id);
      const action = `run ${command[0] ?? 'a command'} in container ${id}`;
      if (signal?.aborted) return err(failure('interrupted', `interrupted: could not ${action}`));
      if (container === undefined) return noSuchContainer(id, action);
      if (container.state !== 'running')
        return err(failure('engine-refused', `could not ${action}`, { detail: `container ${id} is not running` }));
      const { process } = container.main;
      const run = fakeProcess({
        containerId: container.id,
        spec: container.spec,
        argv: command,
        env: { ...process.env, ...env },
        user: user ?? process.user,
        workingDir: workingDir ?? process.workingDir,
      });
      container.execs.add(run);
      void run.ended.then(() => container.execs.delete(run));
      const channel = run.attach({ stdin, logs: false, tty });
      // An exec has one client only: the end of its input is the end of the command's.
      if (stdin)
        (channel.stdin as NodeJS.WritableStream).once('finish', () =>
          (run.process.stdin as NodeJS.ReadWriteStream & typeof run.process.stdin).end(),
        );
      const interrupted = new Promise<Err<Failure>>((resolve) => {
        signal?.addEventListener('abort', () => {
          channel.detach();
          resolve(err(failure('interrupted', `interrupted: could not ${action}`)));
        });
      });
      const finished = Promise.all([run.ended, channel.closed]).then(([{ exitCode }, closed]) =>
        closed.ok ? ok(exitCode) : closed,
      );
      programs.exec(run.process);
      return ok({
        stdin: stdin ? channel.stdin : undefined,
        stdout: channel.stdout,
        stderr: channel.stderr,
        exitCode: Promise.race([interrupted, finished]),
        resize: async () => undefined,
      });
    },

    async containerLogs(id, { tailLines } = {}) {
      const container = findContainer(state, id);
      if (container === undefined) return noSuchContainer(id, `read the output of container ${id}`);
      if (container.spec.keepOutput === false) return ok('');
      const text = Buffer.concat(container.main.written.map(({ data }) => data)).toString();
      if (tailLines === undefined) return ok(text);
      return ok(
        text
          .split(/(?<=\n)/)
          .slice(-tailLines)
          .join(''),
      );
    },
  };
}
