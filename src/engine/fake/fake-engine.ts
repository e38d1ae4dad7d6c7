import { failure, type Failure } from '../../core/failure.ts';
import { onAbort } from '../../core/interruption.ts';
import { err, ok } from '../../core/result.ts';
import type { Engine, EngineInfo, ImageInfo, RemoteImage } from '../engine.ts';
import { fakeContainerMethods } from './fake-containers.ts';
import { plainImage } from './fake-image-store.ts';
import { fakeImageMethods, type FakeBuild } from './fake-images.ts';
import type { FakePrograms } from './fake-programs.ts';
import { fakeState, type FakeState } from './fake-state.ts';
import { fakeStorageMethods } from './fake-storage.ts';

export type { FakeProcess } from './fake-process.ts';

/** How a fake engine behaves; every part has a plain default. */
export interface FakeScript {
  readonly info?: Partial<EngineInfo>;
  /** Images that are there at first, by reference. */
  readonly images?: Readonly<Record<string, Partial<ImageInfo>>>;
  /** What registries have, by reference. */
  readonly remote?: Readonly<Record<string, RemoteImage>>;
  /** Plays PID 1 of a container; by default it runs until it is signalled. */
  readonly start?: FakePrograms['start'];
  /** Plays an exec; by default it exits 0 at once. */
  readonly exec?: FakePrograms['exec'];
  /** Plays a build; by default it succeeds without a word. */
  readonly build?: FakeBuild;
}

/** The name of a method of an engine. */
export type EngineMethod = keyof Engine;

/** A scripted engine: in memory, deterministic, without time. */
export interface FakeEngine extends Engine {
  readonly state: FakeState;
  /** Every call so far, in order. */
  readonly calls: readonly { readonly method: EngineMethod; readonly args: readonly unknown[] }[];
  /** The next call of the method gives this failure and does nothing. */
  failNext(method: EngineMethod, error: Failure): void;
  /**
   * The next call of the method waits until `release`; `reached` settles when it has come. A held call whose signal
   * is aborted gives `interrupted`.
   */
  hold(method: EngineMethod): { readonly reached: Promise<void>; release(): void };
  /** Cuts every attached stream, as an engine that dies does. */
  cutStreams(message?: string): void;
}

interface Hold {
  arrive(): void;
  readonly released: Promise<void>;
}

/** Makes a scripted engine. */
export function createFakeEngine(script: FakeScript = {}): FakeEngine {
  const state = fakeState();
  for (const [ref, more] of Object.entries(script.images ?? {})) {
    const id = more.id ?? `sha256:${state.count().toString(16).padStart(64, '0')}`;
    state.images.push({ ...plainImage(id), ...more, tags: [...(more.tags ?? []), ref] });
  }
  for (const [ref, image] of Object.entries(script.remote ?? {})) state.remote.set(ref, image);

  const images = fakeImageMethods(state, script.build ?? (async () => ok({})));
  const programs: FakePrograms = {
    start: script.start ?? (() => undefined),
    exec: script.exec ?? ((process) => process.exit(0)),
  };
  const engine: Engine = {
    describe: async () => ok({ ...plainInfo, ...script.info }),
    ...images,
    ...fakeContainerMethods(state, programs, images),
    ...fakeStorageMethods(state),
    close: async () => undefined,
  };

  const calls: { method: EngineMethod; args: readonly unknown[] }[] = [];
  const failures = new Map<EngineMethod, Failure[]>();
  const holds = new Map<EngineMethod, Hold[]>();

  return {
    ...scripted(engine),
    state,
    calls,
    failNext: (method, error) => void failures.set(method, [...(failures.get(method) ?? []), error]),
    hold(method) {
      let arrive: () => void = () => undefined;
      let release: () => void = () => undefined;
      const reached = new Promise<void>((resolve) => (arrive = resolve));
      const released = new Promise<void>((resolve) => (release = resolve));
      holds.set(method, [...(holds.get(method) ?? []), { arrive: () => arrive(), released }]);
      return { reached, release: () => release() };
    },
    cutStreams(message = 'lost the engine') {
      for (const { main, execs } of state.containers) for (const run of [main, ...execs]) run.cut(new Error(message));
    },
  };

  function scripted(plain: Engine): Engine {
    const wrap =
      (method: EngineMethod, run: (...args: unknown[]) => Promise<unknown>) =>
      async (...args: unknown[]) => {
        calls.push({ method, args });
        const failed = failures.get(method)?.shift();
        if (failed !== undefined) return err(failed);
        const signal = signalOf(args);
        const hold = holds.get(method)?.shift();
        if (hold !== undefined) {
          hold.arrive();
          await Promise.race([hold.released, aborted(signal)]);
        }
        if (signal?.aborted) return err(failure('interrupted', `interrupted: could not ${method}`));
        return run(...args);
      };
    return Object.fromEntries(
      Object.entries(plain).map(([method, run]) => [method, wrap(method as EngineMethod, run as never)]),
    ) as unknown as Engine;
  }
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const options = args.find((arg) => (arg as { signal?: unknown } | undefined)?.signal instanceof AbortSignal);
  return (options as { signal?: AbortSignal } | undefined)?.signal;
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => onAbort(signal, resolve));
}

const plainInfo: EngineInfo = {
  address: 'unix:///fake.sock',
  product: 'docker',
  version: '26.1.5',
  apiVersion: '1.45',
  platform: 'linux/amd64',
  platformText: 'linux/amd64',
  cpus: 2,
  memoryBytes: 8 * 2 ** 30,
  imageStore: 'graph',
  builder: 'classic',
  rootless: false,
  seesHostFiles: true,
  dataRoot: '/var/lib/docker',
  hostname: 'fake',
};
