import { Readable } from 'node:stream';

/** Output of a process, taken apart again. */
export interface Demultiplexed {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the source is over: undefined after an orderly end, else why it was cut. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Ends both streams now, as after an orderly end; what the source still holds is dropped. */
  end(): void;
}

const headerBytes = 8;

/**
 * Takes the engine's multiplexed output apart (https://docs.docker.com/reference/api/engine/: 8 bytes of header, then so
 * many of payload) or, with `tty`, passes it through as stdout. Payload is handed on as it comes, so a frame of any length
 * costs no memory. Back-pressure: while either stream's buffer is full, nothing more is read, so both must be consumed.
 */
export function demultiplex(source: Readable, options: { readonly tty: boolean }): Demultiplexed {
  const full = { stdout: false, stderr: false };
  const stdout = outlet('stdout');
  const stderr = outlet('stderr');
  const header = Buffer.alloc(headerBytes);
  let headerFilled = 0;
  let payloadLeft = 0;
  let target: 'stdout' | 'stderr' = 'stdout';
  let settle: (error: Error | undefined) => void = () => undefined;
  const over = new Promise<Error | undefined>((resolve) => (settle = resolve));
  let isOver = false;

  source.on('data', take);
  // The three ways to end. 'close' comes after the other two as well, and alone when the source was destroyed without an error.
  source.once('end', () => finish(atFrameBoundary() ? undefined : new Error('the stream ended inside a frame')));
  source.on('error', finish);
  source.once('close', () => finish(new Error('the stream was closed before its end')));

  return { stdout, stderr, closed: over, end: () => finish(undefined) };

  function outlet(name: 'stdout' | 'stderr'): Readable {
    const stream = new Readable({
      read() {
        full[name] = false;
        if (!full.stdout && !full.stderr) source.resume();
      },
      destroy(error, done) {
        // Who destroys one outlet lets go of its output, not of the other's.
        full[name] = false;
        if (!full.stdout && !full.stderr) source.resume();
        done(error);
      },
    });
    // Whoever does not listen for errors learns of them from `over`; an unheard 'error' would end the process.
    stream.on('error', () => undefined);
    return stream;
  }

  function take(chunk: Buffer): void {
    if (isOver) return;
    if (options.tty) give('stdout', chunk);
    else takeFrames(chunk);
    if (full.stdout || full.stderr) source.pause();
  }

  function takeFrames(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (payloadLeft > 0) {
        const piece = chunk.subarray(at, at + payloadLeft);
        give(target, piece);
        payloadLeft -= piece.length;
        at += piece.length;
        continue;
      }
      const copied = chunk.copy(header, headerFilled, at, at + headerBytes - headerFilled);
      headerFilled += copied;
      at += copied;
      if (headerFilled < headerBytes) return;
      headerFilled = 0;
      const kind = header.readUInt8(0);
      // 3 is the engine's own "system error" stream; its text belongs with the errors.
      if (kind > 3) {
        source.destroy(new Error(`the engine sent a frame of unknown kind ${kind}`));
        return;
      }
      target = kind >= 2 ? 'stderr' : 'stdout';
      payloadLeft = header.readUInt32BE(4);
    }
  }

  function give(name: 'stdout' | 'stderr', piece: Buffer): void {
    const stream = name === 'stdout' ? stdout : stderr;
    if (!stream.destroyed && !stream.push(piece)) full[name] = true;
  }

  function atFrameBoundary(): boolean {
    return options.tty || (payloadLeft === 0 && headerFilled === 0);
  }

  function finish(error: Error | undefined): void {
    if (isOver) return;
    isOver = true;
    for (const stream of [stdout, stderr]) {
      if (error === undefined) {
        if (!stream.destroyed) stream.push(null);
      } else stream.destroy(error);
    }
    settle(error);
  }
}
