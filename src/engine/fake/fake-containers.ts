import { sha256 } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Err } from '../../core/result.ts';
import type { ContainerInfo, Engine } from '../engine.ts';
import type { ContainerMethods } from '../docker/containers.ts';
import type { FakeContainer } from './fake-container.ts';
import { fakeArchiveMethods } from './fake-container-archives.ts';
import { findContainer, noSuchContainer } from './fake-container-lookup.ts';
import { fakeStreamMethods } from './fake-container-streams.ts';
import { fakeProcess } from './fake-process.ts';
import type { FakePrograms } from './fake-programs.ts';
import { carriesAll, type FakeState } from './fake-state.ts';

/** The fake's containers. */
export function fakeContainerMethods(
  state: FakeState,
  programs: FakePrograms,
  images: Pick<Engine, 'inspectImage'>,
): ContainerMethods {
  return {
    ...lifecycleMethods(state, programs, images),
    ...observationMethods(state),
    ...fakeStreamMethods(state, programs),
    ...fakeArchiveMethods(state),
  };
}

function lifecycleMethods(
  state: FakeState,
  programs: FakePrograms,
  images: Pick<Engine, 'inspectImage'>,
): Pick<ContainerMethods, 'createContainer' | 'startContainer' | 'removeContainer'> {
  return {
    async createContainer(spec) {
      const action = `create a container of ${spec.image}`;
      const image = await images.inspectImage(spec.image);
      if (!image.ok) return image;
      if (image.value === undefined)
        return err(failure('image-not-found', `could not ${action}`, { detail: `No such image: ${spec.image}` }));
      const id = sha256(`container ${state.count()}`).slice('sha256:'.length);
      const name = spec.name ?? `fake_${id.slice(0, 8)}`;
      if (findContainer(state, name) !== undefined)
        return err(
          failure('name-taken', `could not ${action}`, {
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
      state.containers.push({
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
      const container = findContainer(state, id);
      if (container === undefined) return noSuchContainer(id, `start container ${id}`);
      if (container.state !== 'created') return ok(undefined);
      container.state = 'running';
      void onceEnded(state, container);
      programs.start(container.main.process);
      return ok(undefined);
    },

    async removeContainer(id) {
      const container = findContainer(state, id);
      if (container === undefined) return ok(undefined);
      if (container.state === 'running') container.main.signal('SIGKILL');
      else container.main.process.exit(0);
      await container.main.ended;
      if (state.containers.includes(container)) dropContainer(state, container);
      return ok(undefined);
    },
  };
}

function observationMethods(
  state: FakeState,
): Pick<
  ContainerMethods,
  'waitContainer' | 'inspectContainer' | 'listContainers' | 'signalContainer' | 'containerMemory'
> {
  return {
    async waitContainer(id, { signal } = {}) {
      const container = findContainer(state, id);
      const action = `wait for container ${id}`;
      if (signal?.aborted) return err(failure('interrupted', `interrupted: could not ${action}`));
      if (container === undefined) return noSuchContainer(id, action);
      if (container.state === 'created') return ok({ exitCode: 0, oomKilled: false });
      const aborted = new Promise<Err<Failure>>((resolve) => {
        signal?.addEventListener(
          'abort',
          () => resolve(err(failure('interrupted', `interrupted: could not ${action}`))),
          { once: true },
        );
      });
      return Promise.race([container.main.ended.then(ok), aborted]);
    },

    inspectContainer: async (id) => {
      const container = findContainer(state, id);
      return ok(container === undefined ? undefined : infoOf(container, true));
    },

    listContainers: async (labels) =>
      ok(state.containers.filter(({ spec }) => carriesAll(spec.labels, labels)).map((one) => infoOf(one, false))),

    async signalContainer(id, signal) {
      const container = findContainer(state, id);
      if (container === undefined) return noSuchContainer(id, `send ${signal} to container ${id}`);
      if (container.state !== 'running')
        return err(
          failure('engine-refused', `could not send ${signal} to container ${id}`, { detail: 'it is not running' }),
        );
      container.main.signal(signal);
      return ok(undefined);
    },

    containerMemory: async (id) =>
      findContainer(state, id) === undefined
        ? noSuchContainer(id, `ask for the memory of container ${id}`)
        : ok({ usageBytes: 1 << 20, limitBytes: 1 << 30 }),
  };
}

async function onceEnded(state: FakeState, container: FakeContainer): Promise<void> {
  const { exitCode, oomKilled } = await container.main.ended;
  Object.assign(container, { state: 'exited', exitCode, oomKilled });
  for (const exec of container.execs) exec.signal('SIGKILL');
  if (container.spec.autoRemove) dropContainer(state, container);
}

function dropContainer({ containers }: FakeState, container: FakeContainer): void {
  containers.splice(containers.indexOf(container), 1);
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
