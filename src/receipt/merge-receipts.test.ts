import { expect, test } from 'vitest';
import { receiptOf, receiptStep } from '../../test/support/receipt.ts';
import { sha256 } from '../core/digest.ts';
import { mergeReceipts } from './merge-receipts.ts';
import type { NamedReceipt } from './read-receipt.ts';
import type { Receipt } from './receipt.ts';

const base = receiptOf();

function shard(index: number, of: number, more: Partial<Receipt> = {}): NamedReceipt {
  const options = { steps: [], cold: true, jobs: 2, shard: { index, of } };
  return { name: `shard-${index}.json`, receipt: { ...base, options, ...more } };
}

const half = (more: object): ReturnType<typeof receiptStep> => receiptStep('tests', { needs: ['lint'], ...more });
const first = shard(1, 2, {
  durationMs: 900,
  steps: [receiptStep('lint'), half({ startedMs: 500, durationMs: 300, cpuMs: 250 })],
});
const second = shard(2, 2, {
  startedAt: '2026-01-02T03:04:06.000Z',
  durationMs: 700,
  outcome: 'failed',
  dirty: true,
  steps: [
    receiptStep('types'),
    half({ startedMs: 100, durationMs: 400, outcome: 'failed', exitCode: 1, peakMemoryBytes: 90_000_000 }),
    receiptStep('ui'),
  ],
});

test('shards become the whole run: all steps in order, a divided one with its worst part', () => {
  const merged = mergeReceipts([second, first]);
  const log = { bytes: 6, digest: sha256(`${sha256('ok\n')}\n${sha256('ok\n')}`) };
  expect(merged).toEqual({
    ok: true,
    value: {
      ...first.receipt,
      dirty: true,
      options: { steps: [], cold: true, jobs: 2, shard: null },
      // The second began a second later.
      durationMs: 1700,
      outcome: 'failed',
      steps: [
        receiptStep('lint'),
        receiptStep('types', { startedMs: 1010 }),
        half({
          startedMs: 500,
          durationMs: 1000,
          cpuMs: 460,
          peakMemoryBytes: 90_000_000,
          outcome: 'failed',
          exitCode: 1,
          log,
        }),
        receiptStep('ui', { startedMs: 1010 }),
      ],
    },
  });
});

test.each<[string, readonly NamedReceipt[], string]>([
  ['a shard that is missing', [shard(1, 3), shard(3, 3)], 'shard 2 of 3 is missing'],
  ['a shard that is there twice', [shard(1, 2), shard(1, 2)], 'shard-1.json and shard-1.json are both shard 1 of 2'],
  [
    'another number of shards',
    [shard(1, 2), shard(2, 3)],
    'shard-2.json is shard 2 of 3, and shard-1.json is one of 2',
  ],
  [
    'a whole run',
    [shard(1, 2), { name: 'whole.json', receipt: base }],
    'whole.json is the receipt of a whole run, not of a shard',
  ],
  [
    'another commit',
    [shard(1, 2), shard(2, 2, { commit: null })],
    'shard-2.json and shard-1.json are of different runs: the commit is another',
  ],
  [
    'another lock',
    [shard(1, 2), shard(2, 2, { lock: sha256('x') })],
    'shard-2.json and shard-1.json are of different runs: the lock is another',
  ],
  [
    'another image',
    [shard(1, 2), shard(2, 2, { image: { id: sha256('x'), config: null, manifest: null } })],
    'shard-2.json and shard-1.json are of different runs: the image is another',
  ],
  [
    'another command',
    [shard(1, 2), shard(2, 2, { steps: [receiptStep('ui', { run: 'x' })] })],
    'shard-2.json and shard-1.json are of different runs: the step ui is another',
  ],
])('%s is refused', (_, receipts, message) => {
  expect(mergeReceipts(receipts)).toEqual({
    ok: false,
    error: { reason: 'receipt-invalid', message, next: 'name the receipts of all shards of one run, each once' },
  });
});
