import { failure } from '../../src/core/failure.ts';
import type { ToolDiagnostic } from '../../src/core/tool-diagnostic.ts';
import type { RunEvent } from '../../src/pipeline/events.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { RunReportCollector, type RunReport } from '../../src/report/run/run-report.ts';
import { failingRun, stepFinished, stepOutput } from './run-events.ts';

/** The report of a run that began at a fixed time; each event came 100 ms after the one before. */
export function reportOf(events: readonly RunEvent[], receipt?: Receipt): RunReport {
  let now = Date.UTC(2026, 10, 25, 18, 0, 0);
  const listener = new RunReportCollector({ clock: () => now, logs: true });
  for (const event of events) {
    now += 100;
    listener.onEvent(event);
  }
  const report = listener.report(receipt);
  if (report === undefined) throw new Error('the run has no end');
  return report;
}

/** What mypy says of a default, unless said otherwise. */
export const said = (more: Partial<ToolDiagnostic>): ToolDiagnostic => ({
  tool: 'mypy',
  code: 'assignment',
  severity: 'error',
  message: 'Incompatible default',
  file: 'core/models.py',
  line: 12,
  column: null,
  ...more,
});

/** The beginning of a run of some steps. */
export const plan = (...steps: readonly [name: string, run: string][]): RunEvent => ({
  type: 'run-started',
  steps: steps.map(([name, run]) => ({ name, run, needs: [], cwd: '.' })),
  project: '/home/me/shop',
  configSource: 'parity.yaml',
  jobs: 2,
});

/** The end of a run that failed, unless said otherwise. */
export const ended = (more: Partial<Extract<RunEvent, { type: 'run-finished' }>> = {}): RunEvent => ({
  type: 'run-finished',
  outcome: 'failed',
  imageId: 'sha256:abc',
  durationMs: 6200,
  counts: { passed: 1, failed: 2, cached: 0, skipped: 1, cancelled: 0 },
  ...more,
});

/** Types fail, a test fails, lint passes with a warning, ui is not run. */
export const mixedRun: readonly RunEvent[] = [
  plan(['types', 'mypy core/'], ['tests', 'pytest -q'], ['lint', 'flake8 core & "ui"'], ['ui', 'npx tsc']),
  { type: 'step-started', step: 'types', command: 'mypy core/' },
  stepOutput('types', 'core/models.py:12: error: Incompatible default  [assignment]\n'),
  stepFinished('types', {
    outcome: 'failed',
    exitCode: 1,
    durationMs: 2300,
    diagnostics: [said({})],
    next: ['Run: mend'],
  }),
  { type: 'step-started', step: 'tests', command: 'pytest -q' },
  stepOutput('tests', Buffer.from('a\u001B[31m red\u001B[0m <b>&amp; \u0001\uFFFE ]]> ü 漢\n')),
  stepFinished('tests', {
    outcome: 'failed',
    exitCode: 1,
    durationMs: 900,
    diagnostics: [
      said({
        tool: 'pytest',
        code: 'AssertionError',
        message: 'assert "<a>" == 1\n\tvertical \u000B and \uD800 alone',
        file: 'core/tests/test_cart.py',
        line: 7,
        test: 'core/tests/test_cart.py::TestCart::test_total[x.y::z]',
      }),
    ],
  }),
  { type: 'step-started', step: 'lint', command: 'flake8' },
  stepOutput('lint', 'fine\n'),
  stepFinished('lint', { diagnostics: [said({ tool: 'flake8', code: 'W605', severity: 'warning' })] }),
  stepFinished('ui', { outcome: 'skipped', exitCode: null, durationMs: 0, reason: 'needs', because: 'types' }),
  ended(),
];

/** The environment goes away under the step. */
export const lost: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  { type: 'step-started', step: 'types', command: 'mypy' },
  stepFinished('types', { outcome: 'cancelled', exitCode: null, reason: 'environment-lost', durationMs: 10 }),
  ended({ failure: failure('environment-lost', 'the container is gone', { detail: 'EOF', next: 'parity up' }) }),
];
/** There is no engine. */
export const unopened: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  ended({ imageId: null, failure: failure('engine-not-running', 'no engine') }),
];
/** Somebody presses Ctrl-C. */
export const interrupted: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  stepFinished('types', { outcome: 'cancelled', exitCode: null, reason: 'interrupted', durationMs: 10 }),
  ended({ outcome: 'cancelled', failure: failure('interrupted', 'interrupted') }),
];
/** The run has no plan. */
export const planless: readonly RunEvent[] = [
  ended({ imageId: null, failure: failure('usage', 'no step is called `x`') }),
];
/** Runs of every kind, by name. */
export const runs = { mixedRun, failingRun, lost, unopened, interrupted, planless };
