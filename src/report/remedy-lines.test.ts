import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stepFinished, stepOutput } from '../../test/support/run-events.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { RunEvent } from '../pipeline/events.ts';
import { PlainReporter } from './plain.ts';
import { remedyLines } from './remedy-lines.ts';

function found(id: string, more: Partial<FoundRemedy> = {}): FoundRemedy {
  return { id, title: `It is ${id}`, remedy: `Mend ${id}`, count: 1, file: null, line: null, link: null, ...more };
}

describe('remedyLines', () => {
  it.each([
    ['nothing', {}, 'It is a/b'],
    ['a file', { file: 'core/a.py' }, 'It is a/b (core/a.py)'],
    ['a line', { file: 'core/a.py', line: 3 }, 'It is a/b (core/a.py:3)'],
    ['several places', { file: 'core/a.py', line: 3, count: 12 }, 'It is a/b (core/a.py:3 and 11 more)'],
    ['several of no place', { count: 2 }, 'It is a/b (2 times)'],
  ])('says of %s where it is', (_, more, title) => {
    expect(remedyLines({ remedies: [found('a/b', more)] })).toEqual([title, 'Mend a/b', 'More: parity explain a/b']);
  });

  it('names at most three in the command, and says nothing of nothing', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => found(id));
    expect(remedyLines({ remedies: four })).toEqual(['It is a', 'Mend a', 'More: parity explain a b c']);
    expect(remedyLines({})).toEqual([]);
  });
});

it('a failing step ends with its own advice, then what is known of it', () => {
  const logDir = mkdtempSync(join(tmpdir(), 'parity-report-'));
  onTestFinished(() => rmSync(logDir, { recursive: true, force: true }));
  const told = { out: '', err: '' };
  const reporter = new PlainReporter({
    out: { write: (text) => void (told.out += text) },
    err: { write: (text) => void (told.err += text) },
    color: false,
    quiet: false,
    verbose: false,
    logDir,
  });
  const remedies = [found('mypy/implicit-optional', { file: 'core/a.py', line: 3 })];
  const events: readonly RunEvent[] = [
    {
      type: 'run-started',
      steps: [{ name: 'types', run: 'mypy core', needs: [], cwd: '.' }],
      project: '/home/me/shop',
      configSource: 'parity.yaml',
      jobs: 1,
    },
    stepOutput('types', 'core/a.py:3: error: No  [assignment]\n'),
    stepFinished('types', { outcome: 'failed', exitCode: 1, next: ['Run: make types'], remedies }),
    {
      type: 'run-finished',
      outcome: 'failed',
      imageId: null,
      durationMs: 400,
      counts: { passed: 0, failed: 1, cached: 0, skipped: 0, cancelled: 0 },
    },
  ];
  for (const event of events) reporter.event(event);
  void reporter.close();
  expect(told).toEqual({
    err: '',
    out: `failed    types     0.4 s  exit code 1

--- types: exit code 1
core/a.py:3: error: No  [assignment]
Run: make types
It is mypy/implicit-optional (core/a.py:3)
Mend mypy/implicit-optional
More: parity explain mypy/implicit-optional

1 failed in 0.4 s
`,
  });
});
