import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { OperationFailed, readRecords, type ProgressRecord } from './records.ts';

async function read(...chunks: (string | Buffer)[]): Promise<ProgressRecord[]> {
  const records: ProgressRecord[] = [];
  await readRecords(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), (record) => records.push(record));
  return records;
}

it('reads records whatever the cuts, characters included', async () => {
  const bytes = Buffer.from('{"status":"ü日🎉"}\r\n\n{"stream":"x\\n"}');
  for (let at = 1; at < bytes.length; at += 1)
    expect(await read(bytes.subarray(0, at), bytes.subarray(at))).toEqual([{ status: 'ü日🎉' }, { stream: 'x\n' }]);
});

it('fails with the words of a record that has an error, once all was read', async () => {
  const seen: ProgressRecord[] = [];
  const source = Readable.from([
    Buffer.from(
      '{"status":"a"}\n{"errorDetail":{"message":"no space left on device\\n"},"error":"old"}\n{"status":"b"}\n',
    ),
  ]);
  await expect(readRecords(source, (record) => seen.push(record))).rejects.toThrow(
    new OperationFailed('no space left on device'),
  );
  expect(seen).toHaveLength(3);
  await expect(read('{"error":"only this"}')).rejects.toThrow('only this');
});

it('fails on what is no record', async () => {
  await expect(read('<html>proxy says no</html>\n')).rejects.toThrow(/not a progress record: <html>proxy/);
  await expect(read('{"status":"cut of')).rejects.toThrow(/not a progress record/);
});

it('fails with the stream when that was cut or closed', async () => {
  const cut = new Readable({ read: () => undefined });
  const reading = readRecords(cut, () => undefined);
  cut.push('{"status":"a"}\n');
  cut.destroy(new Error('aborted'));
  await expect(reading).rejects.toThrow('aborted');
  const closed = new Readable({ read: () => undefined });
  const waiting = readRecords(closed, () => undefined);
  closed.destroy();
  await expect(waiting).rejects.toThrow(/Premature close/);
});
