import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { appendHistory, machineKey, pruneHistory, readHistory } from './run-history.ts';
import type { HistoryEntry, RunFact } from './history-entry.ts';

let cache: string;
let file: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity audit ü-'));
  file = join(cache, 'audit', 'shop.jsonl');
  vi.stubEnv('PARITY_CACHE_DIR', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

const down = (name: string): { readonly type: 'down'; readonly containers: readonly string[] } => ({
  type: 'down',
  containers: [name],
});

const run: RunFact = {
  type: 'run',
  command: 'up',
  asked: [],
  outcome: 'passed',
  durationMs: 12,
  commit: null,
  dirty: null,
  imageId: null,
  steps: [],
  failure: null,
  receipt: null,
  logs: null,
};

const names = (entries: readonly HistoryEntry[]): readonly string[] =>
  entries.map((entry) => (entry.type === 'down' ? entry.containers.join() : entry.type));

test('lines are added in order, each with its own ID, the machine’s among them by time', () => {
  expect(readHistory('shop')).toEqual([]);
  const id = appendHistory('shop', run, Date.parse('2026-11-26T10:00:00.000Z'));
  appendHistory('shop', down('b'), Date.parse('2026-11-26T10:02:00.000Z'));
  appendHistory(machineKey, down('m'), Date.parse('2026-11-26T10:01:00.000Z'));
  appendHistory('other', down('o'));
  expect(readHistory('shop')[0]).toMatchObject({ version: 1, id, at: '2026-11-26T10:00:00.000Z', ...run });
  expect(names(readHistory('shop'))).toEqual(['run', 'm', 'b']);
  expect(names(readHistory('shop', { machine: false }))).toEqual(['run', 'b']);
  expect(new Set(readHistory('shop').map((entry) => entry.id)).size).toBe(3);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('a torn line costs itself alone, and what another parity or nobody of ours wrote is passed over', () => {
  appendHistory('shop', down('a'));
  appendFileSync(file, '{"version":1,"id":"0000');
  appendHistory('shop', down('b'));
  appendFileSync(
    file,
    '\n{"version":2,"id":"1","at":"x","type":"down"}\nnull\n[]\n"x"\n{"version":1,"id":"1","at":"x","type":"run"}\n',
  );
  appendHistory('shop', down('c'));
  expect(names(readHistory('shop'))).toEqual(['a', 'b', 'c']);
});

test('it stays bounded, and the newest entries are all there', () => {
  const long = 'x'.repeat(60_000);
  const count = 120;
  for (let index = 0; index < count; index += 1) appendHistory('shop', down(`${index} ${long}`), index);
  const files = readdirSync(join(cache, 'audit'));
  expect(files).toHaveLength(4);
  const bytes = files.reduce((sum, name) => sum + statSync(join(cache, 'audit', name)).size, 0);
  expect(bytes).toBeLessThan(5 * 1024 * 1024);
  const kept = names(readHistory('shop')).map((name) => Number(name.split(' ')[0]));
  expect(kept.at(-1)).toBe(count - 1);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => count - kept.length + index));
  expect(kept.length).toBeGreaterThan(50);
});

test('processes that write at once lose and mix nothing', async () => {
  const outfile = join(cache, 'audit.mjs');
  buildSync({
    entryPoints: [join(packageRoot(), 'src/records/run-history.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  const script = `
    import { appendHistory } from ${JSON.stringify(`file://${encodeURI(outfile)}`)};
    import { workerData } from 'node:worker_threads';
    for (let index = 0; index < 200; index += 1)
      appendHistory('shop', { type: 'down', containers: [workerData + ' ' + index + ' ' + 'y'.repeat(3000)] });`;
  writeFileSync(join(cache, 'writer.mjs'), script);
  const workers = ['one', 'two', 'three'].map(
    (workerData) =>
      new Worker(join(cache, 'writer.mjs'), { workerData, env: { ...process.env, PARITY_CACHE_DIR: cache } }),
  );
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.on('exit', resolve))));
  const said = names(readHistory('shop')).map((name) => name.split(' ').slice(0, 2).join(' '));
  expect(said.length).toBe(600);
  expect(new Set(said).size).toBe(600);
});

test('a folder that can not be written fails nothing, and a project long left alone is let go of', () => {
  writeFileSync(join(cache, 'audit'), 'a file');
  appendHistory('shop', run);
  expect(readHistory('shop')).toEqual([]);
  rmSync(join(cache, 'audit'));
  appendHistory('shop', run);
  appendHistory('left', run);
  utimesSync(join(cache, 'audit', 'left.jsonl'), 1, 1);
  expect(pruneHistory(1000)).toBe(1);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2);
});
