import { Writable, type Duplex } from 'node:stream';
import { err, ok, type Result } from '../../core/result.ts';
import type { AttachedChannel } from '../engine.ts';
import { demultiplex } from './demux.ts';
import { engineFailure, type EngineCall } from './errors.ts';

/** How a hijacked connection is used. */
export interface ChannelOptions {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly engineCall: EngineCall;
}

/** Makes an attached channel of a hijacked connection. */
export function openChannel(socket: Duplex, { tty, stdin, engineCall }: ChannelOptions): AttachedChannel {
  const output = demultiplex(socket, { tty });
  const input = stdin ? writeInto(socket) : noInput();
  const closed = output.closed.then((error): Result<void> => {
    input.destroy();
    socket.destroy();
    return error === undefined ? ok(undefined) : err(engineFailure(error, engineCall));
  });
  return {
    stdin: input,
    stdout: output.stdout,
    stderr: output.stderr,
    closed,
    detach() {
      output.end();
      socket.destroy();
    },
  };
}

/** A stream of bytes into the socket's sending side alone: its end says "no more input" and leaves the receiving side open. */
function writeInto(socket: Duplex): Writable {
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(() => done()),
  });
  // `closed` reports a broken connection.
  input.on('error', () => undefined);
  return input;
}

function noInput(): Writable {
  const input = new Writable({ write: (_chunk, _encoding, done) => done(new Error('opened without stdin')) });
  input.on('error', () => undefined);
  return input;
}
