import { posix } from 'node:path';
import { sha256 } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Err } from '../../core/result.ts';
import type { ContainerInfo, ContainerSpec, Engine } from '../engine.ts';
import type { ContainerMethods } from '../docker/containers.ts';
import { fakeFolders, hasPath, packFrom, unpackInto, type FakeFiles } from './fake-files.ts';
import { fakeProcess, type FakeProcess, type RunningFake } from './fake-process.ts';
import { carriesAll, type FakeState } from './fake-state.ts';

/** A container of the fake. */
export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly spec: ContainerSpec;
  readonly files: FakeFiles;
  readonly main: RunningFake;
  readonly execs: Set<RunningFake>;
  state: ContainerInfo['state'];
  exitCode: number;
  oomKilled: boolean;
}

/** Plays processes: PID 1 of a container that starts, or an exec. */
export interface FakePrograms {
  readonly start: (process: FakeProcess) => void;
  readonly exec: (process: FakeProcess) => void;
}

/** The fake's containers. */
export function fakeContainerMethods(
  state: FakeState,
  programs: FakePrograms,
  images: Pick<Engine, 'inspectImage'>,
): ContainerMethods {
  const { containers } = state;

  function find(id: string): FakeContainer | undefined {
    return containers.find((one) => one.id === id || one.name === id || (id.length >= 12 && one.id.startsWith(id)));
  }
  function missing(id: string, doing: string): Err<Failure> {
    return err(failure('engine-refused', `could not ${doing}`, { detail: `No such container: ${id}` }));
  }
  function forget(container: FakeContainer): void {
    containers.splice(containers.indexOf(container), 1);
  }

  async function afterEnd(container: FakeContainer): Promise<void> {
    const { exitCode, oomKilled } = await container.main.ended;
    Object.assign(container, { state: 'exited', exitCode, oomKilled });
    for (const exec of container.execs) exec.signal('SIGKILL');
    if (container.spec.autoRemove) forget(container);
  }

  return {
    async createContainer(spec) {
      const doing = `create a container of ${spec.image}`;
      const image = await images.inspectImage(spec.image);
      if (!image.ok) return image;
      if (image.value === undefined)
        return err(failure('image-not-found', `could not ${doing}`, { detail: `No such image: ${spec.image}` }));
      const id = sha256(`container ${state.count()}`).slice('sha256:'.length);
      const name = spec.name ?? `fake_${id.slice(0, 8)}`;
      if (find(name) !== undefined)
        return err(
          failure('name-taken', `could not ${doing}`, {
            detail: `The container name "/${name}" is already in use`,
          }),
        );
      const { entrypoint, command, env, user, workingDir } = image.value;
      const argv = spec.entrypoint
        ? [...spec.entrypoint, ...(spec.command ?? [])]
        : [...entrypoint, ...(spec.command ?? command)];
      const main = fakeProcess({
        containerId: id,
        spec,
        argv,
        env: { ...fromEnvLines(env), ...spec.env },
        user: spec.user ?? user,
        workingDir: spec.workingDir ?? (workingDir || '/'),
      });
      for (const mount of spec.mounts ?? []) if (mount.type === 'volume') state.ensureVolume(mount.source);
      containers.push({
        id,
        name,
        imageId: image.value.id,
        spec,
        files: new Map(),
        main,
        execs: new Set(),
        state: 'created',
        exitCode: 0,
        oomKilled: false,
      });
      return ok(id);
    },

    async startContainer(id) {
      const container = find(id);
      if (container === undefined) return missing(id, `start container ${id}`);
      if (container.state !== 'created') return ok(undefined);
      container.state = 'running';
      void afterEnd(container);
      programs.start(container.main.process);
      return ok(undefined);
    },

    async attachContainer(id, { stdin = false, logs = false } = {}) {
      const container = find(id);
      if (container === undefined) return missing(id, `attach to container ${id}`);
      const kept = container.spec.keepOutput !== false;
      return ok(container.main.attach({ stdin, logs: logs && kept, tty: container.spec.tty ?? false }));
    },

    async exec(id, { command, env = {}, user, workingDir, stdin = false, tty = false, signal }) {
      const container = find(id);
      const doing = `run ${command[0] ?? 'a command'} in container ${id}`;
      if (signal?.aborted) return err(failure('interrupted', `interrupted: could not ${doing}`));
      if (container === undefined) return missing(id, doing);
      if (container.state !== 'running')
        return err(failure('engine-refused', `could not ${doing}`, { detail: `container ${id} is not running` }));
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
          resolve(err(failure('interrupted', `interrupted: could not ${doing}`)));
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

    async waitContainer(id, { signal } = {}) {
      const container = find(id);
      const doing = `wait for container ${id}`;
      if (signal?.aborted) return err(failure('interrupted', `interrupted: could not ${doing}`));
      if (container === undefined) return missing(id, doing);
      if (container.state === 'created') return ok({ exitCode: 0, oomKilled: false });
      const aborted = new Promise<Err<Failure>>((resolve) => {
        signal?.addEventListener(
          'abort',
          () => resolve(err(failure('interrupted', `interrupted: could not ${doing}`))),
          { once: true },
        );
      });
      return Promise.race([container.main.ended.then(ok), aborted]);
    },

    inspectContainer: async (id) => {
      const container = find(id);
      return ok(container === undefined ? undefined : infoOf(container, true));
    },

    listContainers: async (labels) =>
      ok(containers.filter(({ spec }) => carriesAll(spec.labels, labels)).map((one) => infoOf(one, false))),

    async containerLogs(id, { tailLines } = {}) {
      const container = find(id);
      if (container === undefined) return missing(id, `read the output of container ${id}`);
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

    async signalContainer(id, signal) {
      const container = find(id);
      if (container === undefined) return missing(id, `send ${signal} to container ${id}`);
      if (container.state !== 'running')
        return err(
          failure('engine-refused', `could not send ${signal} to container ${id}`, { detail: 'it is not running' }),
        );
      container.main.signal(signal);
      return ok(undefined);
    },

    async removeContainer(id) {
      const container = find(id);
      if (container === undefined) return ok(undefined);
      if (container.state === 'running') container.main.signal('SIGKILL');
      else container.main.process.exit(0);
      await container.main.ended;
      if (containers.includes(container)) forget(container);
      return ok(undefined);
    },

    async putArchive(id, path, tar) {
      const container = find(id);
      const doing = `put files at ${path} of container ${id}`;
      if (container === undefined) return missing(id, doing);
      if (!fakeFolders.includes(posix.resolve('/', path)) && !hasPath(container.files, path))
        return err(
          failure('engine-refused', `could not ${doing}`, {
            detail: `Could not find the file ${path} in container ${id}`,
          }),
        );
      await unpackInto(container.files, path, tar);
      return ok(undefined);
    },

    async getArchive(id, path) {
      const container = find(id);
      const doing = `read ${path} of container ${id}`;
      if (container === undefined) return missing(id, doing);
      if (!hasPath(container.files, path))
        return err(
          failure('engine-refused', `could not ${doing}`, {
            detail: `Could not find the file ${path} in container ${id}`,
          }),
        );
      return ok(packFrom(container.files, path));
    },

    containerMemory: async (id) =>
      find(id) === undefined
        ? missing(id, `ask for the memory of container ${id}`)
        : ok({ usageBytes: 1 << 20, limitBytes: 1 << 30 }),
  };
}

function fromEnvLines(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function infoOf(container: FakeContainer, inspected: boolean): ContainerInfo {
  const { id, name, imageId, spec, state, exitCode, oomKilled } = container;
  return {
    id,
    name,
    imageId,
    labels: spec.labels,
    state,
    ...(inspected && state !== 'created' && { startedAt: '2026-01-01T00:00:00Z' }),
    ...(inspected && state === 'exited' && { exitCode, oomKilled }),
  };
}
