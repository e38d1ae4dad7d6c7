import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { packBundle } from './archive.ts';
import { makeBundle } from './manifest.ts';
import { createRedactor } from './redact.ts';

const redact = createRedactor({ secrets: [{ value: 'hunter2-hunter2', from: 'secret KEY' }], names: [] });
const at = new Date('2026-11-26T02:48:08.123Z');
const files = [
  { path: 'logs/b.log', text: 'KEY=hunter2-hunter2\n', assignments: true },
  { path: 'audit.jsonl', text: '{}\n' },
  { path: 'logs/B.log', text: 'ü\n' },
];
const leftOut = [{ what: 'the engine', reason: 'tcp://me:pass-word@there does not answer' }];

test('its manifest comes first and lists what is in it, what was removed and what is missing', async () => {
  const made = makeBundle({ files, leftOut }, redact, at);
  expect(made.manifest).toEqual({
    schemaVersion: 1,
    parity: expect.any(String) as string,
    createdAt: '2026-11-26T02:48:08.123Z',
    files: [
      { path: 'audit.jsonl', bytes: 3, digest: expect.stringMatching(/^sha256:/) as string },
      { path: 'logs/B.log', bytes: 3, digest: expect.stringMatching(/^sha256:/) as string },
      { path: 'logs/b.log', bytes: 8, digest: expect.stringMatching(/^sha256:/) as string },
    ],
    removed: [{ file: 'logs/b.log', line: 1, kind: 'value of secret KEY', count: 1 }],
    leftOut: [{ what: 'the engine', reason: 'tcp://me:***@there does not answer' }],
  });
  const entries: string[] = [];
  const reader = Readable.from([gunzipSync(await packBundle(made, 'bundle'))]).pipe(extract());
  for await (const entry of reader) {
    entries.push(entry.header.name);
    entry.resume();
  }
  expect(entries).toEqual(['bundle/manifest.json', 'bundle/audit.jsonl', 'bundle/logs/B.log', 'bundle/logs/b.log']);
});

test('equal content gives equal bytes, in whatever order it was gathered', async () => {
  const one = await packBundle(makeBundle({ files, leftOut }, redact, at), 'bundle');
  const other = await packBundle(makeBundle({ files: files.toReversed(), leftOut }, redact, at), 'bundle');
  expect(one.equals(other)).toBe(true);
});
