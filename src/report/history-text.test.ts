import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HistoryEntry, HistoryFact, RunFact, RunStep } from '../records/history-entry.ts';
import { historyText, localTime } from './history-text.ts';
import { createPaint } from './paint.ts';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

const step = (name: string, outcome: RunStep['outcome']): RunStep => ({
  name,
  outcome,
  exitCode: outcome === 'failed' ? 1 : 0,
  reason: null,
  durationMs: 100,
  log: 10,
});

const run: RunFact = {
  type: 'run',
  command: 'up',
  asked: [],
  outcome: 'passed',
  durationMs: 6200,
  commit: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
  dirty: false,
  imageId: `sha256:${'e9ca8f12ab34'.padEnd(64, '0')}`,
  steps: [step('format', 'cached'), step('tests', 'passed')],
  failure: null,
  receipt: null,
  logs: null,
};

function entries(...facts: readonly HistoryFact[]): readonly HistoryEntry[] {
  return facts.map((fact, index) => ({
    version: 1,
    id: `0000000${index}`,
    at: `2026-11-26T02:4${9 - index}:08.123Z`,
    parity: '0.1.0',
    ...fact,
  }));
}

test('says of each run when, how it ended, what failed, and on what', () => {
  const text = historyText(
    entries(
      {
        ...run,
        outcome: 'failed',
        dirty: true,
        steps: [step('lint', 'failed'), step('types', 'failed'), step('tests', 'passed')],
      },
      run,
      { ...run, unchanged: true, durationMs: 41, dirty: null },
      { ...run, command: 'watch', outcome: 'cancelled', steps: [step('tests', 'cancelled')] },
      {
        ...run,
        command: 'preflight',
        outcome: 'failed',
        commit: null,
        dirty: null,
        imageId: null,
        steps: [],
        failure: { reason: 'engine-not-found', message: 'no engine answers\nat all', detail: null },
      },
    ),
    createPaint(false),
  );
  expect(text).toBe(`run       when                 command    outcome    took   commit     image
00000000  2026-11-26 02:49:08  up         failed     6.2 s  a1b2c3d4+  e9ca8f12ab34  lint, types failed
00000001  2026-11-26 02:48:08  up         passed     6.2 s  a1b2c3d4   e9ca8f12ab34  1 passed, 1 cached
00000002  2026-11-26 02:47:08  up         passed     41 ms  a1b2c3d4   e9ca8f12ab34  nothing had changed
00000003  2026-11-26 02:46:08  watch      cancelled  6.2 s  a1b2c3d4   e9ca8f12ab34  1 cancelled
00000004  2026-11-26 02:45:08  preflight  failed     6.2 s  -          -             no engine answers
+ the files were not exactly those of the commit`);
});

test('says what else happened', () => {
  const text = historyText(
    entries(
      {
        type: 'image',
        origin: 'built',
        reference: 'parity/image:0011223344556677',
        imageId: `sha256:${'ab'.repeat(32)}`,
      },
      { type: 'lock', change: 'changed', pins: ['black 25.1.0 -> 25.9.0', 'mypy 1.1 -> 1.2', '+ x 1'] },
      { type: 'lock', change: 'created', pins: [] },
      { type: 'clean', all: false, removed: { containers: 2, imageParts: 3, volumes: 0 }, freedBytes: 1_200_000 },
      { type: 'down', containers: ['parity-a', 'parity-b'] },
    ),
    createPaint(false),
  );
  expect(text.split('\n').map((line) => line.replace(/ {2,}/g, '  ').trim())).toEqual([
    'run  when  command  outcome  took  commit  image',
    '2026-11-26 02:49:08  image  built parity/image:0011223344556677 (abababababab)',
    '2026-11-26 02:48:08  lock  changed: black 25.1.0 -> 25.9.0 and 2 other changes',
    '2026-11-26 02:47:08  lock  created',
    '2026-11-26 02:46:08  clean  2 containers, 3 image parts, 1.2 MB freed',
    '2026-11-26 02:45:08  down  ended parity-a, parity-b',
  ]);
});

test('a time that is none is shown as it is', () => {
  expect(localTime('yesterday')).toBe('yesterday');
});
