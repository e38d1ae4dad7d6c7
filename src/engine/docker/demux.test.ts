import { PassThrough, type Readable } from 'node:stream';
import { array, assert, asyncProperty, constantFrom, integer, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demultiplex } from './demux.ts';

const frame = (kind: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
};
async function all(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('multiplexed output', () => {
  it('comes apart the same however it was cut', async () => {
    const frames = array(record({ kind: constantFrom(1, 2), payload: uint8Array({ maxLength: 40 }) }), {
      maxLength: 12,
    });
    await assert(
      asyncProperty(frames, array(integer({ min: 1, max: 30 }), { minLength: 1 }), async (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(({ kind, payload }) => frame(kind, payload)));
        const source = new PassThrough();
        const output = demultiplex(source, { tty: false });
        const both = Promise.all([all(output.stdout), all(output.stderr)]);
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const length = cuts[turn % cuts.length] ?? 1;
          source.write(bytes.subarray(at, at + length));
          at += length;
        }
        source.end();
        const expected = (kind: number) =>
          Buffer.concat(sent.filter((one) => one.kind === kind).map(({ payload }) => payload));
        expect(await both).toEqual([expected(1), expected(2)]);
        expect(await output.closed).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('is passed through as it is with a terminal', async () => {
    const source = new PassThrough();
    const output = demultiplex(source, { tty: true });
    source.end(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 65]));
    expect(await all(output.stdout)).toEqual(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 65]));
    expect(await all(output.stderr)).toEqual(Buffer.alloc(0));
  });

  it('tells each way to be cut, to the streams and to whoever waits', async () => {
    const cuts: [(source: PassThrough) => void, RegExp][] = [
      [(source) => source.end(frame(1, Buffer.from('abc')).subarray(0, 9)), /inside a frame/],
      [(source) => source.end(Buffer.from([1, 0, 0])), /inside a frame/],
      [(source) => source.destroy(new Error('read ECONNRESET')), /ECONNRESET/],
      [(source) => source.destroy(), /closed before its end/],
      [(source) => source.end(Buffer.from('HTTP/1.1 500 oh')), /unknown kind 72/],
    ];
    for (const [cut, words] of cuts) {
      const source = new PassThrough();
      const output = demultiplex(source, { tty: false });
      const reading = all(output.stderr);
      output.stdout.resume();
      cut(source);
      await expect(reading).rejects.toThrow(words);
      expect((await output.closed)?.message).toMatch(words);
      expect(output.stdout.destroyed).toBe(true);
    }
  });

  it('reads no more than the slowest reader takes, and all of it in the end', async () => {
    const source = new PassThrough();
    const output = demultiplex(source, { tty: false });
    const piece = frame(1, Buffer.alloc(64 * 1024, 'x'));
    let accepted = 0;
    while (accepted < 1000 && source.write(piece)) {
      accepted += 1;
      await new Promise(setImmediate);
    }
    expect(accepted).toBeLessThan(10);
    source.end();
    output.stderr.resume();
    expect((await all(output.stdout)).length).toBe((accepted + 1) * 64 * 1024);
  });

  it('goes on with one stream when the reader of the other has left', async () => {
    const source = new PassThrough();
    const output = demultiplex(source, { tty: false });
    output.stderr.destroy();
    for (let turn = 0; turn < 8; turn += 1) source.write(frame(2, Buffer.alloc(64 * 1024)));
    source.end(frame(1, Buffer.from('still read')));
    expect((await all(output.stdout)).toString()).toBe('still read');
  });
});
