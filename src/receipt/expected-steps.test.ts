import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { storeExpected, readExpected } from './expected-steps.ts';
import type { Receipt, ReceiptStep } from './receipt.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity-expected-'));
  vi.stubEnv('PARITY_CACHE_DIR', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

type Told = Partial<Pick<ReceiptStep, 'outcome' | 'durationMs' | 'peakMemoryBytes'>>;

function keep(project: string, told: Readonly<Record<string, Told>>, shard: Receipt['options']['shard'] = null): void {
  const steps = Object.entries(told).map(([name, more]) => {
    return { name, outcome: 'passed', durationMs: 100, peakMemoryBytes: 7, ...more } as ReceiptStep;
  });
  storeExpected(project, { options: { steps: [], cold: false, jobs: 2, shard }, steps });
}

test('what passed is expected to take as long again, half of it by what was known before; other projects know nothing of it', () => {
  expect(readExpected('/home/ann/shop')).toEqual(new Map());
  keep('/home/ann/shop', { lint: { durationMs: 400 }, tests: { durationMs: 1000, peakMemoryBytes: null } });
  // A run of some steps forgets none of the others; what failed or did not run tells nothing.
  keep('/home/ann/shop', {
    lint: { durationMs: 200, peakMemoryBytes: 9 },
    tests: { outcome: 'failed', durationMs: 3 },
    ui: { outcome: 'cached', durationMs: 0 },
  });
  expect(Object.fromEntries(readExpected('/home/ann/shop'))).toEqual({
    lint: { durationMs: 300, peakMemoryBytes: 9 },
    tests: { durationMs: 1000, peakMemoryBytes: null },
  });
  expect(readExpected('/home/ann/other')).toEqual(new Map());
});

test('a shard says nothing of whole steps', () => {
  keep('/home/ann/shop', { tests: {} }, { index: 1, of: 2 });
  expect(readExpected('/home/ann/shop')).toEqual(new Map());
});

test.each([
  ['cut off', '{"version":1,"st'],
  ['of another parity', '{"version":2,"steps":{}}'],
  ['of another form', '{"version":1,"steps":[["lint"],["tests",{"durationMs":"1"}],5,null]}'],
  ['no object', 'null'],
])('a file that is %s is none, and is replaced', (_, text) => {
  keep('/home/ann/shop', { lint: {} });
  const [name = ''] = readdirSync(join(cache, 'expected'));
  writeFileSync(join(cache, 'expected', name), text);
  expect(readExpected('/home/ann/shop')).toEqual(new Map());
  keep('/home/ann/shop', { tests: {} });
  expect([...readExpected('/home/ann/shop').keys()]).toEqual(['tests']);
});

test('a cache that can not be written is missed by nobody', () => {
  writeFileSync(join(cache, 'file'), '');
  vi.stubEnv('PARITY_CACHE_DIR', join(cache, 'file'));
  keep('/home/ann/shop', { lint: {} });
  expect(readExpected('/home/ann/shop')).toEqual(new Map());
});
