import { Transform, type Readable } from 'node:stream';
import { engineTextFailure, type EngineCall } from './errors.ts';

const blockBytes = 512;

/**
 * Passes a tar on and fails unless it is whole. An engine that fails after the first byte can only append its error to the
 * stream (`{"errorDetail":…}`): so the last block must be zeros, as a tar's is. The stream's error carries the engine's text.
 */
export function wholeTar(source: Readable, engineCall: EngineCall): Readable {
  let tail = Buffer.alloc(0);
  const whole = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.from(Buffer.concat([tail, chunk.subarray(-4 * blockBytes)]).subarray(-4 * blockBytes));
      done(null, chunk);
    },
    flush(done) {
      const end = tail.subarray(-blockBytes);
      done(end.length === blockBytes && end.every((byte) => byte === 0) ? null : new Error(complaint()));
    },
  });
  source.on('error', (error) => whole.destroy(error));
  source.once('close', () => {
    if (!source.readableEnded) whole.destroy(new Error('the stream was closed before its end'));
  });
  whole.once('close', () => source.destroy());
  return source.pipe(whole);

  function complaint(): string {
    const words = /\{"(?:errorDetail|message|error)":.*\}\s*$/s.exec(tail.toString())?.[0].trim();
    const { message, detail } = engineTextFailure(words ?? 'the archive ended early', engineCall);
    return `${message}: ${detail}`;
  }
}
