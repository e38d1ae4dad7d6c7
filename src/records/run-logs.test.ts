import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pruneRunLogs, readRunLogs, runLogsFolder, runLogsName } from './run-logs.ts';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity logs ü-'));
  vi.stubEnv('PARITY_CACHE_DIR', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

const now = Date.parse('2026-11-26T10:00:00.000Z');
// No process has it.
const gonePid = 2 ** 30;

/** Makes the logs of a run so many minutes ago; gives the folder's name. */
function logsOf(minutesAgo: number, files: Readonly<Record<string, string>>, pid: number = gonePid): string {
  const name = runLogsName(new Date(now - minutesAgo * 60_000)).replace(/\d+$/, String(pid));
  const dir = join(runLogsFolder(), name);
  mkdirSync(dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  return name;
}

test('a run’s logs are told by step, whatever it is called; those that are gone are none', () => {
  const name = logsOf(1, { 'tests.log': 'abc', 'a%2Fb%20%C3%BC.log': '', 'notes.txt': 'x' });
  expect(readRunLogs(name)?.map(({ step, bytes }) => ({ step, bytes }))).toEqual([
    { step: 'a/b ü', bytes: 0 },
    { step: 'tests', bytes: 3 },
  ]);
  expect(readRunLogs(logsOf(2, {}).replace('2026', '2025'))).toBeUndefined();
  expect(readRunLogs('..')).toBeUndefined();
});

test('what is old, too much or beyond a hundred runs goes, the oldest first; what is under way stays', () => {
  const names = Array.from({ length: 103 }, (_, index) => logsOf(index, { 'a.log': 'abc' }));
  const old = logsOf(31 * 24 * 60, { 'a.log': 'abcd' });
  const busy = logsOf(32 * 24 * 60, {}, process.ppid);
  writeFileSync(join(runLogsFolder(), 'note'), '');
  expect(pruneRunLogs({ measure: false }, now)).toEqual({ runs: 4, freedBytes: 3 * 3 + 4 });
  expect(readdirSync(runLogsFolder())).toHaveLength(102);
  expect(readRunLogs(names[99] ?? '')).toHaveLength(1);
  expect(readRunLogs(names[100] ?? '')).toBeUndefined();
  expect(readRunLogs(old)).toBeUndefined();
  expect(readRunLogs(busy)).toEqual([]);
  expect(pruneRunLogs({}, now)).toEqual({ runs: 0, freedBytes: 0 });
  expect(pruneRunLogs({ all: true }, now)).toEqual({ runs: 100, freedBytes: 300 });
  expect(readdirSync(runLogsFolder()).sort()).toEqual([busy, 'note'].sort());
});

test('without any log there is nothing to prune', () => {
  expect(pruneRunLogs({ all: true })).toEqual({ runs: 0, freedBytes: 0 });
});
