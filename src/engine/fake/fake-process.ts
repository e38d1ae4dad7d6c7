import { PassThrough, Readable, Writable } from 'node:stream';
import { ok, type Result } from '../../core/result.ts';
import type { AttachedChannel, ContainerExit, ContainerSpec } from '../engine.ts';

/** A process of the fake, as a test's script sees and plays it. */
export interface FakeProcess {
  readonly containerId: string;
  readonly spec: ContainerSpec;
  /** argv: entrypoint and command, or an exec's command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDir: string;
  /** What clients write. */
  readonly stdin: Readable;
  stdout(data: string | Buffer): void;
  stderr(data: string | Buffer): void;
  /** Ends the process; a second call does nothing. */
  exit(exitCode: number, more?: { readonly oomKilled?: boolean }): void;
  /** Called for each signal; without a listener, SIGTERM, SIGINT and SIGKILL end the process. */
  onSignal(listener: (signal: NodeJS.Signals) => void): void;
}

/** A process as the fake itself handles it. */
export interface RunningFake {
  readonly process: FakeProcess;
  readonly ended: Promise<ContainerExit>;
  /** Everything written so far, in order. */
  readonly written: readonly { readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }[];
  attach(options: { readonly stdin: boolean; readonly logs: boolean; readonly tty: boolean }): AttachedChannel;
  signal(signal: NodeJS.Signals): void;
  /** Cuts every attached channel, as a dead engine does. */
  cut(error: Error): void;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Makes a process that can be attached to before it starts; `begin` hands it to its script. */
export function fakeProcess(
  about: Pick<FakeProcess, 'containerId' | 'spec' | 'argv' | 'env' | 'user' | 'workingDir'>,
): RunningFake {
  const input = new PassThrough();
  const written: { stream: 'stdout' | 'stderr'; data: Buffer }[] = [];
  const channels = new Set<Outlet>();
  const listeners: ((signal: NodeJS.Signals) => void)[] = [];
  let over = false;
  let settle: (exit: ContainerExit) => void = () => undefined;
  const ended = new Promise<ContainerExit>((resolve) => (settle = resolve));

  const write = (stream: 'stdout' | 'stderr', data: string | Buffer): void => {
    if (over) return;
    const piece = { stream, data: Buffer.from(data) };
    written.push(piece);
    for (const channel of channels) channel.give(piece.stream, piece.data);
  };
  const exit = (exitCode: number, oomKilled = false): void => {
    if (over) return;
    over = true;
    for (const channel of channels) channel.end(ok(undefined));
    channels.clear();
    input.destroy();
    settle({ exitCode, oomKilled });
  };

  return {
    written,
    ended,
    process: {
      ...about,
      stdin: input,
      stdout: (data) => write('stdout', data),
      stderr: (data) => write('stderr', data),
      exit: (exitCode, more) => exit(exitCode, more?.oomKilled),
      onSignal: (listener) => void listeners.push(listener),
    },
    attach({ stdin, logs, tty }) {
      const outlet = makeOutlet(stdin ? input : undefined, tty, () => channels.delete(outlet));
      if (logs) for (const piece of written) outlet.give(piece.stream, piece.data);
      if (over) outlet.end(ok(undefined));
      else channels.add(outlet);
      return outlet.channel;
    },
    signal(signal) {
      if (listeners.length > 0 && signal !== 'SIGKILL') for (const listener of listeners) listener(signal);
      else if (signalNumbers[signal] !== undefined) exit(128 + signalNumbers[signal]);
    },
    cut(error) {
      for (const channel of channels)
        channel.end({ ok: false, error: { reason: 'engine-unreachable', message: error.message } }, error);
      channels.clear();
    },
  };
}

interface Outlet {
  readonly channel: AttachedChannel;
  give(stream: 'stdout' | 'stderr', data: Buffer): void;
  end(how: Result<void>, error?: Error): void;
}

function makeOutlet(input: PassThrough | undefined, tty: boolean, forget: () => void): Outlet {
  const stdout = new Readable({ read: () => undefined });
  const stderr = new Readable({ read: () => undefined });
  // One client's end of input leaves the process's stdin open, as the engine's does.
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (input === undefined) done(new Error('opened without stdin'));
      else if (input.destroyed) done();
      else if (input.write(chunk)) done();
      else input.once('drain', done);
    },
  });
  for (const stream of [stdout, stderr, stdin]) stream.on('error', () => undefined);
  let settle: (how: Result<void>) => void = () => undefined;
  const closed = new Promise<Result<void>>((resolve) => (settle = resolve));
  let over = false;
  const end = (how: Result<void>, error?: Error): void => {
    if (over) return;
    over = true;
    forget();
    for (const stream of [stdout, stderr]) {
      if (error === undefined) stream.push(null);
      else stream.destroy(error);
    }
    stdin.destroy();
    settle(how);
  };
  return {
    channel: { stdin, stdout, stderr, closed, detach: () => end(ok(undefined)) },
    give: (stream, data) => {
      if (!over) (tty || stream === 'stdout' ? stdout : stderr).push(data);
    },
    end,
  };
}
