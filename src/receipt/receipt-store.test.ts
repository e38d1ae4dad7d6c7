import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { storeReceipt, storedReceipts } from './receipt-store.ts';
import type { Receipt } from './receipt.ts';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity kept ü-'));
  vi.stubEnv('PARITY_CACHE_DIR', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

/** Keeps so many receipts, a minute apart, each listing a file with a name so long; gives the minutes of those that are still there. */
function keep(count: number, nameLength = 1): readonly number[] {
  for (let minute = 0; minute < count; minute += 1) {
    const startedAt = `2026-01-02T03:${String(minute).padStart(2, '0')}:05.000Z`;
    // Only what is looked at.
    storeReceipt('/shop', { startedAt, files: {} } as unknown as Receipt, [
      { path: 'x'.repeat(nameLength), mode: '100644', digest: '' },
    ]);
  }
  return storedReceipts('/shop').map((file) => Number(basename(file).split('-')[3]));
}

test('the last fifty stay, the newest first', () => {
  expect(keep(53)).toEqual(Array.from({ length: 50 }, (_, index) => 52 - index));
});

test.each([
  { count: 4, megabytes: 20, left: [3, 2, 1] },
  { count: 2, megabytes: 65, left: [1] },
])('of $megabytes MB each, fewer stay, and always the newest', ({ count, megabytes, left }) => {
  expect(keep(count, megabytes * 1024 * 1024)).toEqual(left);
});
