import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failingRun, passingRun, stepFinished, stepOutput } from '../../test/support/run-events.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import { failure } from '../core/failure.ts';
import type { RunEvent } from '../pipeline/events.ts';
import { PlainReporter } from './plain.ts';
import type { ReportOutput } from './reporter.ts';

let logDir: string;
beforeEach(() => {
  logDir = join(mkdtempSync(join(tmpdir(), 'parity-report-')), 'run');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(join(logDir, '..'), { recursive: true, force: true });
});

function tell(events: readonly RunEvent[], more: Partial<ReportOutput> = {}): { out: string; err: string } {
  const told = { out: '', err: '' };
  const reporter = new PlainReporter({
    out: { write: (text) => void (told.out += text) },
    err: { write: (text) => void (told.err += text) },
    color: false,
    quiet: false,
    verbose: false,
    logDir,
    ...more,
  });
  for (const event of events) reporter.event(event);
  void reporter.close();
  return told;
}

describe('PlainReporter', () => {
  it('tells a run that passes in a line a step, set-up on stderr', () => {
    expect(tell(passingRun)).toEqual({
      out: 'passed    format     0.4 s\npassed    tests      6.1 s\n2 passed in 48.0 s\n',
      err: `note: No parity.yaml here:
  Python in core/
  parity init writes it down
image: building the image
image: [3/9] RUN uv pip install
image: built, 569 MB (41.0 s)
`,
    });
  });

  it('puts failing steps last, each with its whole own output and the next command, right above the summary', () => {
    expect(tell(failingRun)).toEqual({
      err: '',
      out: `failed    format         0.4 s  exit code 1
passed    lint           0.8 s
failed    types          2.3 s  exit code 1
failed    tests          4.2 s  exit code 1
passed    ui-install     3.1 s
failed    ui-types       1.5 s  exit code 2
passed    ui-build    1 min 2 s

--- format: exit code 1
would reformat core/app.py

Oh no! 1 file would be reformatted.
Run: black core/

--- types: exit code 1
core/models.py:12: error: Incompatible default for parameter "x"  [assignment]
Found 1 error in 1 file (checked 20 source files)

--- tests: exit code 1
...F
FAILED core/tests/test_cart.py::test_total - assert 3 == 4

--- ui-types: exit code 2
src/App.tsx(3,18): error TS2307: Cannot find module './Missing'.

4 failed, 3 passed in 6.2 s
`,
    });
  });

  it('keeps to failures and the summary with --quiet, and shows everything with --verbose', () => {
    expect(tell(passingRun, { quiet: true })).toEqual({ out: '2 passed in 48.0 s\n', err: '' });
    const verbose = tell(passingRun, { verbose: true });
    expect(verbose.out).toContain('passed    tests      6.1 s\n  .... 60 passed\n');
    expect(verbose.err).toContain('  Installed 23 packages\n');
    expect(verbose.err).toContain('started   tests: pytest -q\n');
  });

  it('keeps a huge output in a file, shows its end and says where the rest is', () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index + 1} ${'x'.repeat(20)}\n`);
    const { out } = tell([
      ...failingRun.slice(0, 1),
      ...lines.map((line) => stepOutput('tests', line)),
      stepFinished('tests', { outcome: 'failed', exitCode: 1 }),
      ...failingRun.slice(-1),
    ]);
    const path = join(logDir, 'tests.log');
    expect(out).toContain(`\nline 30000 ${'x'.repeat(20)}\n(all 30,000 lines: ${path})\n`);
    expect(out.split('\n').length).toBeLessThan(70);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  });

  it('tells the failures once more in short when they fill more than a screen', () => {
    const noise = (count: number): string => Array.from({ length: count }, (_, index) => `noise ${index}\n`).join('');
    const { out } = tell([
      ...failingRun.slice(0, 1),
      stepOutput('types', `core/a.py:1: error: No\n${noise(30)}`),
      stepFinished('types', { outcome: 'failed', exitCode: 1, next: ['Run: mend'] }),
      stepOutput('tests', `${noise(30)}FAILED test_a.py::test_b - assert 1\n`),
      stepFinished('tests', { outcome: 'failed', exitCode: 1 }),
      ...failingRun.slice(-1),
    ]);
    expect(out.slice(out.lastIndexOf('noise 29'))).toBe(`noise 29
FAILED test_a.py::test_b - assert 1

types       core/a.py:1: error: No
            Run: mend
tests       FAILED test_a.py::test_b - assert 1

4 failed, 3 passed in 6.2 s
`);
  });

  it('tells advice with what it is for, never with another error of the same step', () => {
    const noise = Array.from({ length: 30 }, (_, index) => `noise ${index}\n`).join('');
    const remedy = (id: string, file: string | null, line: number | null): FoundRemedy => ({
      id,
      title: `It is ${id}`,
      remedy: `Mend ${id}`,
      count: 1,
      file,
      line,
      link: null,
    });
    const { out } = tell([
      ...failingRun.slice(0, 1),
      stepOutput('types', `core/a.py:1: error: First\ncore/b.py:7: error: Second one\n${noise}`),
      stepFinished('types', { outcome: 'failed', exitCode: 1, remedies: [remedy('mypy/second', 'core/b.py', 7)] }),
      stepOutput('tests', `${noise}FAILED test_a.py::test_b - assert 1\n`),
      stepFinished('tests', { outcome: 'failed', exitCode: 1, remedies: [remedy('net/down', null, null)] }),
      ...failingRun.slice(-1),
    ]);
    expect(out.slice(out.lastIndexOf('More: '))).toBe(`More: parity explain net/down

types       core/b.py:7: error: Second one
            Mend mypy/second
tests       It is net/down
            Mend net/down

4 failed, 3 passed in 6.2 s
`);
  });

  it('says what interrupted or broke a run, and why steps did not run', () => {
    const gone = failure('environment-lost', 'the container is gone', {
      detail: 'EOF\non the stream',
      next: 'parity up',
    });
    expect(
      tell([
        ...failingRun.slice(0, 1),
        stepFinished('tests', { outcome: 'cancelled', exitCode: null, reason: 'environment-lost', durationMs: 1000 }),
        stepFinished('ui-build', {
          outcome: 'skipped',
          exitCode: null,
          reason: 'needs',
          because: 'ui-install',
          durationMs: 0,
        }),
        {
          type: 'run-finished',
          outcome: 'failed',
          imageId: null,
          durationMs: 1000,
          counts: { passed: 0, failed: 0, cached: 0, skipped: 1, cancelled: 1 },
          failure: gone,
        },
      ]),
    ).toEqual({
      out: `cancelled tests          1.0 s  its environment went away
skipped   ui-build              needs ui-install, which did not pass
1 cancelled, 1 skipped in 1.0 s
`,
      err: `error: the container is gone
  EOF
  on the stream
next: parity up
If it stays so: parity bundle   (what whoever helps needs to see, secrets removed)
`,
    });
  });

  it('shows text, never what would disturb a terminal', () => {
    const { out } = tell([
      ...failingRun.slice(0, 1),
      stepOutput('tests', Buffer.from('10%\r50%\r100%\r\n\u001B[31mred\u001B[0m\u001B[2J\u0007\u0000ÿ\n')),
      stepOutput('tests', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(' is no text, but this is\n')])),
      stepFinished('tests', { outcome: 'failed', exitCode: 1 }),
      ...failingRun.slice(-1),
    ]);
    expect(out).toContain('--- tests: exit code 1\n100%\nredÿ\n\uFFFD\uFFFD is no text, but this is\n');
  });

  it('keeps bytes that are no text off the terminal', () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256));
    const { out } = tell([
      ...failingRun.slice(0, 1),
      stepOutput('tests', bytes),
      stepFinished('tests', { outcome: 'failed', exitCode: 1, next: ['Run: mend'] }),
      ...failingRun.slice(-1),
    ]);
    const path = join(logDir, 'tests.log');
    expect(out).toContain(`--- tests: exit code 1\n(bytes that are no text: ${path})\nRun: mend\n\n`);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('says after a silence what still runs', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    let err = '';
    const reporter = new PlainReporter({
      out: { write: () => {} },
      err: { write: (text) => void (err += text) },
      color: false,
      quiet: false,
      verbose: false,
      logDir,
    });
    vi.advanceTimersByTime(20_000);
    reporter.event({ type: 'step-started', step: 'tests', command: 'pytest' });
    vi.advanceTimersByTime(6000);
    reporter.event({ type: 'step-started', step: 'types', command: 'mypy .' });
    vi.advanceTimersByTime(6000);
    expect(err).toBe('still running: tests (10.0 s), types (4.0 s)\n');
    void reporter.close();
  });
});
