import { Readable } from 'node:stream';

/** Output of a process, taken apart again. */
export interface Demultiplexed {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the source has ended: undefined after an orderly end, else why it was cut. Never rejects. */
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
  return new Demultiplexer(source, options.tty);
}

type OutletName = 'stdout' | 'stderr';

class Demultiplexer implements Demultiplexed {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly closed: Promise<Error | undefined>;
  readonly #source: Readable;
  readonly #tty: boolean;
  /** Which streams' buffers are full. */
  readonly #full = { stdout: false, stderr: false };
  /** The header of the next frame, as far as it has come. */
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  /** Bytes of the current frame that are still to come, and where they go. */
  #payloadLeft = 0;
  #target: OutletName = 'stdout';
  #resolveClosed: (error: Error | undefined) => void = () => undefined;
  #isClosed = false;

  constructor(source: Readable, tty: boolean) {
    this.#source = source;
    this.#tty = tty;
    this.stdout = this.#outlet('stdout');
    this.stderr = this.#outlet('stderr');
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    source.on('data', (chunk: Buffer) => this.#add(chunk));
    // The three ways to end. 'close' comes after the other two as well, and alone when the source was destroyed without an error.
    source.once('end', () =>
      this.#finish(this.#isAtFrameBoundary() ? undefined : new Error('the stream ended inside a frame')),
    );
    source.on('error', (error) => this.#finish(error));
    source.once('close', () => this.#finish(new Error('the stream was closed before its end')));
  }

  end(): void {
    this.#finish(undefined);
  }

  #outlet(name: OutletName): Readable {
    const resume = (): void => {
      this.#full[name] = false;
      if (!this.#full.stdout && !this.#full.stderr) this.#source.resume();
    };
    const stream = new Readable({
      read: resume,
      destroy(error, done) {
        // A client that destroys one stream drops its output, and still gets the other's.
        resume();
        done(error);
      },
    });
    // `closed` tells of errors; an 'error' event without a listener would end the process.
    stream.on('error', () => undefined);
    return stream;
  }

  #add(chunk: Buffer): void {
    if (this.#isClosed) return;
    if (this.#tty) this.#give('stdout', chunk);
    else this.#addFrames(chunk);
    if (this.#full.stdout || this.#full.stderr) this.#source.pause();
  }

  #addFrames(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const piece = chunk.subarray(at, at + this.#payloadLeft);
        this.#give(this.#target, piece);
        this.#payloadLeft -= piece.length;
        at += piece.length;
        continue;
      }
      const copied = chunk.copy(this.#header, this.#headerFilled, at, at + headerBytes - this.#headerFilled);
      this.#headerFilled += copied;
      at += copied;
      if (this.#headerFilled < headerBytes) return;
      this.#headerFilled = 0;
      const kind = this.#header.readUInt8(0);
      // 3 is the engine's own "system error" stream; its text belongs with the errors.
      if (kind > 3) {
        this.#source.destroy(new Error(`the engine sent a frame of unknown kind ${kind}`));
        return;
      }
      this.#target = kind >= 2 ? 'stderr' : 'stdout';
      this.#payloadLeft = this.#header.readUInt32BE(4);
    }
  }

  #give(name: OutletName, piece: Buffer): void {
    const stream = this[name];
    if (!stream.destroyed && !stream.push(piece)) this.#full[name] = true;
  }

  #isAtFrameBoundary(): boolean {
    return this.#tty || (this.#payloadLeft === 0 && this.#headerFilled === 0);
  }

  #finish(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of [this.stdout, this.stderr]) {
      if (error === undefined) {
        if (!stream.destroyed) stream.push(null);
      } else stream.destroy(error);
    }
    this.#resolveClosed(error);
  }
}
