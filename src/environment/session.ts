import type { Readable, Writable } from 'node:stream';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandExit, RunningCommand } from './environment.ts';
import { outputQueue, type OutputQueue } from './output-queue.ts';
import {
  heartbeatMs,
  encodeFrame,
  frameReader,
  outputWindowBytes,
  stdinWindowBytes,
  type ExitFrame,
  type ReadyFrame,
  type SupervisorFrame,
} from './protocol.ts';

/** A byte stream to a supervisor, however it was reached. */
export interface SupervisorLink {
  readonly input: Writable;
  readonly output: Readable;
  /** The supervisor can't see this client die over this link, so the client sends heartbeats. */
  readonly needsHeartbeat: boolean;
  readonly close: () => void;
}

/** What to run; see Command, of which this is the part that the supervisor needs. */
export interface SessionCommand {
  readonly name: string;
  readonly argv: readonly string[];
  readonly orElse?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** One of parity's internal commands, not a step's; see the protocol. */
  readonly internal?: boolean;
  readonly job?: string;
  readonly path?: readonly string[];
}

/** One client's connection to one supervisor; its commands end with it. */
export interface Session {
  /** The supervisor's answer to the greeting. */
  readonly ready: ReadyFrame;
  /** Settles when the connection is closed, however it ended. */
  readonly closed: Promise<void>;
  /** Starts a command; the returned one ends with Err `environment-lost` when the connection breaks. */
  readonly start: (command: SessionCommand) => RunningCommand;
  /** Stores a note in the supervisor, for other clients and later sessions. */
  readonly setNote: (key: string, value: string) => void;
  /** Ends what the commands of a job have left running. */
  readonly endJob: (job: string) => void;
  /** Ends the session: the supervisor kills what it still runs and renews the lease. */
  readonly close: () => void;
}

/** How a client is connected. */
export interface SessionOptions {
  readonly leaseSeconds?: number;
  /** Looks only: renews no lease. */
  readonly observeOnly?: boolean;
  /** What earlier clients have left in /tmp and HOME is removed first, unless one is still connected. */
  readonly fresh?: boolean;
}

interface RunningEntry {
  readonly queue: OutputQueue;
  readonly resolve: (exit: Result<CommandExit>) => void;
  readonly addStdinCredit: (bytes: number) => void;
}

/** Greets a supervisor. Err `environment-lost` when the link breaks before the supervisor answers, or no answer comes within `timeoutMs`. */
export function openSession(
  link: SupervisorLink,
  options: SessionOptions & { readonly timeoutMs?: number } = {},
): Promise<Result<Session>> {
  const running = new Map<string, RunningEntry>();
  let lost: Failure | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    let resolveClosed = (): void => {};
    const closed = new Promise<void>((settle) => (resolveClosed = settle));
    const end = (reason: string): void => {
      if (lost !== undefined) return;
      lost = failure('environment-lost', `The environment's container went away (${reason})`, {
        next: 'parity up   (it makes a new one; `parity status` shows what is there)',
      });
      clearTimeout(answerTimeout);
      clearInterval(heartbeat);
      link.close();
      for (const command of running.values()) {
        command.queue.end();
        command.resolve(err(lost));
      }
      running.clear();
      resolveClosed();
      resolve(err(lost));
    };
    const send = (...frame: Parameters<typeof encodeFrame>): void => {
      if (lost === undefined) link.input.write(encodeFrame(...frame));
    };
    const answerTimeout = setTimeout(() => end('it did not answer'), options.timeoutMs ?? 15_000);

    const receive = (frame: SupervisorFrame): void => {
      if (frame.type === 'ready') {
        clearTimeout(answerTimeout);
        if (link.needsHeartbeat) heartbeat = setInterval(() => send({ type: 'beat' }), heartbeatMs);
        resolve(
          ok({
            ready: frame,
            closed,
            start: (command) => startCommand(command, running, send, lost),
            setNote: (key, value) => send({ type: 'note', key, value }),
            endJob: (job) => send({ type: 'end-job', job }),
            close: () => end('its session was closed'),
          }),
        );
      } else if (frame.type === 'exit') {
        const command = running.get(frame.id);
        running.delete(frame.id);
        command?.queue.end();
        command?.resolve(ok(commandExit(frame)));
      } else if (frame.type === 'stdin-credit') running.get(frame.id)?.addStdinCredit(frame.bytes);
    };
    const read = frameReader({
      onFrame: receive,
      onBody: (frame, data) => {
        if (frame.type === 'output') running.get(frame.id)?.queue.push({ stream: frame.stream, data });
      },
    });
    link.output.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        end('it sent what is no frame');
      }
    });
    link.output.on('error', (error) => end(error.message));
    link.input.on('error', (error) => end(error.message));
    link.output.on('end', () => end('its supervisor ended'));
    link.output.on('close', () => end('the connection was closed'));
    send({
      type: 'hello',
      beats: link.needsHeartbeat,
      ...(options.leaseSeconds === undefined ? {} : { lease: options.leaseSeconds }),
      ...(options.observeOnly === true ? { look: true } : {}),
      ...(options.fresh === true ? { fresh: true } : {}),
    });
  });
}

function startCommand(
  command: SessionCommand,
  running: Map<string, RunningEntry>,
  send: (...frame: Parameters<typeof encodeFrame>) => void,
  lost: Failure | undefined,
): RunningCommand {
  const id = command.name;
  if (running.has(id)) throw new Error(`parity: two commands named ${id} in one session`);
  let taken = 0;
  const queue = outputQueue((bytes) => {
    taken += bytes;
    if (taken < outputWindowBytes / 4 || !running.has(id)) return;
    send({ type: 'credit', id, bytes: taken });
    taken = 0;
  });
  let resolveExit = (_exit: Result<CommandExit>): void => {};
  const exit = new Promise<Result<CommandExit>>((resolve) => (resolveExit = resolve));
  if (lost !== undefined) {
    queue.end();
    resolveExit(err(lost));
    return { output: queue.output, exit, signal: () => {} };
  }
  const stdinCredit = creditGate(stdinWindowBytes);
  running.set(id, {
    queue,
    resolve: (value) => {
      stdinCredit.add(0);
      resolveExit(value);
    },
    addStdinCredit: stdinCredit.add,
  });
  send({
    type: 'start',
    id,
    argv: command.argv,
    ...(command.orElse === undefined ? {} : { orElse: command.orElse }),
    cwd: command.cwd,
    env: command.env,
    stdin: command.stdin !== undefined,
    window: outputWindowBytes,
    ...(command.internal === true ? { own: true } : {}),
    ...(command.job === undefined ? {} : { job: command.job }),
    ...(command.path === undefined ? {} : { path: command.path }),
  });
  if (command.stdin !== undefined) void pumpStdin(id, command.stdin, stdinCredit, send, () => running.has(id));
  return {
    output: queue.output,
    exit,
    signal: (name) => send({ type: 'signal', id, signal: name }),
  };
}

interface CreditGate {
  readonly add: (bytes: number) => void;
  /** Waits until something may be sent or the command has ended, and takes up to `wanted` bytes of it. */
  readonly take: (wanted: number, alive: () => boolean) => Promise<number>;
}

function creditGate(initialBytes: number): CreditGate {
  let credit = initialBytes;
  let wake: (() => void) | undefined;
  return {
    add(bytes) {
      credit += bytes;
      wake?.();
    },
    async take(wanted, alive) {
      const exhausted = (): boolean => credit <= 0 && alive();
      while (exhausted()) await new Promise<void>((resolve) => (wake = resolve));
      const granted = Math.min(wanted, credit);
      credit -= granted;
      return granted;
    },
  };
}

async function pumpStdin(
  id: string,
  stdin: AsyncIterable<Uint8Array>,
  gate: CreditGate,
  send: (...frame: Parameters<typeof encodeFrame>) => void,
  alive: () => boolean,
): Promise<void> {
  try {
    for await (const chunk of stdin) {
      let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      while (rest.length > 0) {
        const granted = await gate.take(Math.min(rest.length, 1 << 16), alive);
        if (!alive()) return;
        send({ type: 'stdin', id, bytes: granted }, rest.subarray(0, granted));
        rest = rest.subarray(granted);
      }
    }
  } catch {
    // A stdin that can't be read any more has ended, as far as the command is concerned.
  }
  send({ type: 'stdin-end', id });
}

function commandExit(frame: ExitFrame): CommandExit {
  const { exitCode, signal, durationMs, cpuMs, peakMemoryBytes, outOfMemory, passedOn } = frame;
  const measured = { exitCode, signal, durationMs, cpuMs, peakMemoryBytes, outOfMemory };
  return passedOn === undefined ? measured : { ...measured, passedOn };
}
