import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { failure, type Failure } from '../../core/failure.ts';
import { memberOf, readJson, shaped } from '../../core/json.ts';
import type { CopyFrame, HostFrame } from './protocol.ts';

/** The other side of a copy as a command that runs. */
export interface CopyCommand {
  /** What it says, in pieces cut anywhere. */
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }>;
}

/** Frames to and from the other side of a copy. Every method throws LinkLost when it is gone. */
export interface CopyLink {
  /** A frame, with its raw bytes; sent with others when there are enough, or by the next `receive`. */
  send(frame: HostFrame, body?: Uint8Array): Promise<void>;
  /** More raw bytes of the frame that was sent last. */
  raw(body: Uint8Array): Promise<void>;
  /** The next frame, which must be one of these. */
  receive<T extends CopyFrame['type']>(...types: readonly T[]): Promise<Extract<CopyFrame, { type: T }>>;
  /** The raw bytes of the frame that was received, to be read to their end. */
  body(bytes: number): AsyncGenerator<Buffer, void, undefined>;
  /** No more will be sent: the other side ends. */
  close(): void;
}

/** The conversation is over before its time. */
export class LinkLost extends Error {
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

// Small files and their frames travel together.
const batchBytes = 1 << 16;

/** A link over a command: `start` gets what the command reads. */
export async function openLink<T>(
  start: (stdin: AsyncIterable<Uint8Array>) => Promise<T>,
  commandOf: (started: T) => CopyCommand,
): Promise<{ readonly link: CopyLink; readonly started: T }> {
  const input = new PassThrough({ highWaterMark: 4 * batchBytes });
  const started = await start(input);
  const reader = readOutput(commandOf(started).output);
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const flush = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    pendingBytes = 0;
    if (batch.length === 0 || input.write(Buffer.concat(batch))) return;
    await Promise.race([once(input, 'drain'), reader.over]);
    reader.throwIfOver();
  };
  const put = async (bytes: Uint8Array): Promise<void> => {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes >= batchBytes) await flush();
  };
  const link: CopyLink = {
    async send(frame, body) {
      await put(Buffer.from(`${JSON.stringify(frame)}\n`));
      if (body !== undefined && body.length > 0) await put(body);
    },
    raw: put,
    async receive(...types) {
      await flush();
      const line = (await reader.line()).toString('utf8');
      const frame = readJson(line, shaped(isCopyFrame));
      if (frame === undefined)
        throw new Error(`parity: the copy's other side sent what is no frame: ${line.slice(0, 200)}`);
      if (frame.type === 'failed') throw new LinkLost(linkFailure(frame.code, frame.message));
      if (!types.some((type) => type === frame.type))
        throw new Error(`parity: the copy's other side sent ${frame.type} where ${types.join(' or ')} was due`);
      return frame as never;
    },
    body: (bytes) => reader.bytes(bytes),
    close: () => {
      void flush().catch(() => undefined);
      input.end();
    },
  };
  return { link, started };
}

// The other side is parity's own program, of this version.
function isCopyFrame(value: unknown): value is CopyFrame {
  return typeof memberOf(value, 'type') === 'string';
}

interface OutputReader {
  line(): Promise<Buffer>;
  bytes(count: number): AsyncGenerator<Buffer, void, undefined>;
  /** Settles when there will be no more. */
  readonly over: Promise<void>;
  throwIfOver(): void;
}

function readOutput(output: CopyCommand['output']): OutputReader {
  let said = '';
  let ended = false;
  let rest: Buffer = Buffer.alloc(0);
  // An iterator of the command's stdout alone; its stderr is for the failure.
  const pieces = stdoutOf();
  let finish = (): void => undefined;
  const over = new Promise<void>((settle) => (finish = settle));
  async function* stdoutOf(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const { stream, data } of output) {
        if (stream === 'stdout') yield data;
        else said = (said + data.toString('utf8')).slice(-4000);
      }
    } finally {
      ended = true;
      finish();
    }
  }
  const lost = (): LinkLost => new LinkLost(linkFailure('', said.trim()));
  const more = async (): Promise<Buffer> => {
    const next = await pieces.next();
    if (next.done === true) throw lost();
    return next.value;
  };
  return {
    over,
    throwIfOver() {
      if (ended) throw lost();
    },
    async line() {
      const parts: Buffer[] = [];
      for (;;) {
        const end = rest.indexOf(0x0a);
        if (end >= 0) {
          parts.push(rest.subarray(0, end));
          rest = rest.subarray(end + 1);
          return Buffer.concat(parts);
        }
        parts.push(rest);
        rest = await more();
      }
    },
    async *bytes(count) {
      let left = count;
      while (left > 0) {
        if (rest.length === 0) rest = await more();
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
  };
}

function linkFailure(code: string, detail: string): Failure {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return failure('disk-full', "the engine's disk is full: the project cannot be copied there", {
      next: 'parity clean   (it removes what parity has made there)',
    });
  const message = "the project's copy in the engine can not be brought up to date";
  return failure('environment-lost', message, {
    ...(detail === '' ? {} : { detail }),
    next: 'parity clean   (then run this again: it copies afresh)',
  });
}
