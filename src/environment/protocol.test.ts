import { array, assert, integer, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, frameReader, type SupervisorFrame } from './protocol.ts';

test('frames are found again however the stream is cut, raw bytes with line ends and braces among them', () => {
  const piece = uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  assert(
    property(array(piece, { maxLength: 8 }), array(integer({ min: 1, max: 30 }), { minLength: 1 }), (bodies, cuts) => {
      const sent = bodies.map((body, at) => ({ id: `ü${at}`, text: body.toString('hex') }));
      const wire = Buffer.concat(
        bodies.flatMap((body, at) => {
          const frame = { type: 'output', id: `ü${at}`, stream: 'stdout', bytes: body.length };
          return [Buffer.from(`${JSON.stringify(frame)}\n`), body];
        }),
      );
      const found: { id: string; text: string }[] = [];
      const read = frameReader({
        onFrame: (frame) => void found.push({ id: 'id' in frame ? frame.id : '', text: '' }),
        onBody: (_frame, part) => {
          const last = found.at(-1);
          if (last !== undefined) last.text += part.toString('hex');
        },
      });
      for (let at = 0, cut = 0; at < wire.length; cut += 1) {
        const size = cuts[cut % cuts.length] ?? 1;
        read(wire.subarray(at, at + size));
        at += size;
      }
      expect(found).toEqual(sent);
    }),
  );
});

test('what is no frame throws', () => {
  const frames: SupervisorFrame[] = [];
  const read = frameReader({ onFrame: (frame) => frames.push(frame), onBody: () => {} });
  expect(() => read(Buffer.from('Traceback (most recent call last):\n'))).toThrow(SyntaxError);
  expect(frames).toEqual([]);
});

test('a frame is one line and its bytes', () => {
  expect(encodeFrame({ type: 'stdin', id: 'a\nb', bytes: 2 }, Buffer.from('{\n')).toString()).toBe(
    '{"type":"stdin","id":"a\\nb","bytes":2}\n{\n',
  );
});
