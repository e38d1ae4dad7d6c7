import type { Failure } from '../../src/core/failure.ts';
import { err, ok, type Result } from '../../src/core/result.ts';
import type { Command, CommandExit, CommandOutput, Environment } from '../../src/environment/environment.ts';

/** A command that a test plays: it prints and ends when the test says so. */
export interface PlayedCommand {
  readonly command: Command;
  /** Signals it got, in order. */
  readonly signals: readonly string[];
  print(text: string | Buffer, stream?: 'stdout' | 'stderr'): void;
  exit(exitCode: number, more?: Partial<CommandExit>): void;
  /** Ends as a process does that a signal ended. */
  die(signal: string): void;
  lose(failure: Failure): void;
}

/** An environment without an engine; the test is the supervisor. */
export interface FakeEnvironment {
  readonly environment: Environment;
  /** The command of that name, once it has been started. */
  started(name: string): Promise<PlayedCommand>;
  readonly running: () => readonly string[];
  readonly released: () => boolean;
  /** The jobs that were ended, in order. */
  readonly endedJobs: () => readonly string[];
  /** From now on commands can't be started. */
  refuse(failure: Failure): void;
  /** What commands do by themselves when they are signalled; nothing at first. */
  onSignal(react: (played: PlayedCommand, signal: string) => void): void;
}

/** Makes an environment whose commands a test plays step by step. */
export function createFakeEnvironment(): FakeEnvironment {
  const played = new Map<string, PlayedCommand>();
  const waiting = new Map<string, ((command: PlayedCommand) => void)[]>();
  const running = new Set<string>();
  let refusal: Failure | undefined;
  let released = false;
  const endedJobs: string[] = [];
  let react: (played: PlayedCommand, signal: string) => void = () => {};
  return {
    environment: {
      id: 'fake',
      imageId: 'sha256:fake',
      workspaceDir: '/workspace/app',
      warm: true,
      volumesOf: () => new Map(),
      containers: {},
      async start(command) {
        if (refusal !== undefined) return err(refusal);
        const queue = createQueue<CommandOutput>();
        const signals: string[] = [];
        let settle: (exit: Result<CommandExit>) => void = () => {};
        const exit = new Promise<Result<CommandExit>>((resolve) => (settle = resolve));
        const end = (result: Result<CommandExit>): void => {
          running.delete(command.name);
          queue.close();
          settle(result);
        };
        const measured = { durationMs: 1, cpuMs: 2, peakMemoryBytes: 3_000_000, outOfMemory: false };
        const me: PlayedCommand = {
          command,
          signals,
          print: (text, stream = 'stdout') => queue.push({ stream, data: Buffer.from(text) }),
          exit: (exitCode, more) => end(ok({ exitCode, signal: null, ...measured, ...more })),
          die: (signal) => end(ok({ exitCode: null, signal, ...measured })),
          lose: (failure) => end(err(failure)),
        };
        running.add(command.name);
        played.set(command.name, me);
        for (const tell of waiting.get(command.name) ?? []) tell(me);
        return ok({
          output: queue.items(),
          exit,
          signal(signal) {
            signals.push(signal);
            react(me, signal);
          },
        });
      },
      async endJob(job) {
        endedJobs.push(job);
      },
      bringBack: () => Promise.resolve(),
      async release() {
        released = true;
      },
    },
    started(name) {
      const now = played.get(name);
      if (now !== undefined) return Promise.resolve(now);
      return new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
    },
    running: () => [...running],
    released: () => released,
    endedJobs: () => endedJobs,
    refuse: (failure) => (refusal = failure),
    onSignal: (reaction) => (react = reaction),
  };
}

function createQueue<T>(): { push(item: T): void; close(): void; items(): AsyncIterable<T> } {
  const held: T[] = [];
  let closed = false;
  let wake: () => void = () => {};
  return {
    push(item) {
      held.push(item);
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    async *items() {
      for (;;) {
        while (held.length > 0) yield held.shift() as T;
        if (closed) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
