import type { RunEvent, StepFinished } from '../../src/pipeline/events.ts';

/** The end of a step, passed in 400 ms unless said otherwise. */
export function stepFinished(step: string, more: Partial<StepFinished> = {}): StepFinished {
  const exitCode = more.outcome === undefined || more.outcome === 'passed' ? 0 : null;
  return {
    type: 'step-finished',
    step,
    outcome: 'passed',
    exitCode,
    signal: null,
    durationMs: 400,
    reason: null,
    next: [],
    diagnostics: [],
    peakMemoryBytes: 30_000_000,
    cpuMs: 210,
    ...more,
  };
}

/** A piece of a step's output. */
export function stepOutput(step: string, text: string | Buffer, stream: 'stdout' | 'stderr' = 'stdout'): RunEvent {
  return { type: 'step-output', step, stream, data: Buffer.from(text) };
}

const names = ['format', 'lint', 'types', 'tests', 'ui-install', 'ui-types', 'ui-build'];

function runStarted(steps: readonly string[] = names): RunEvent {
  return {
    type: 'run-started',
    steps: steps.map((name) => ({ name, run: `run ${name}`, needs: [], cwd: '.' })),
    project: '/home/me/shop',
    configSource: 'parity.yaml',
    jobs: 2,
  };
}

/** A run of two steps that passes, with the set-up before it. */
export const passingRun: readonly RunEvent[] = [
  runStarted(['format', 'tests']),
  {
    type: 'note',
    severity: 'note',
    message: 'No parity.yaml here:\nPython in core/',
    hint: 'parity init writes it down',
  },
  { type: 'phase-started', phase: 'image', id: 'image', title: 'building the image' },
  {
    type: 'phase-progress',
    phase: 'image',
    id: 'image',
    progress: { type: 'step', index: 3, total: 9, title: 'RUN uv pip install', cached: false },
  },
  {
    type: 'phase-progress',
    phase: 'image',
    id: 'image',
    progress: { type: 'output', text: 'Installed 23 packages\n' },
  },
  { type: 'phase-finished', phase: 'image', id: 'image', durationMs: 41_000, ok: true, result: 'built, 569 MB' },
  { type: 'phase-started', phase: 'environment', id: 'none', title: 'starting' },
  { type: 'phase-finished', phase: 'environment', id: 'none', durationMs: 20, ok: true, result: 'warm' },
  { type: 'step-started', step: 'format', command: 'black --check core/' },
  { type: 'step-started', step: 'tests', command: 'pytest -q' },
  stepOutput('tests', '..'),
  stepOutput('format', 'All done!\n', 'stderr'),
  stepOutput('tests', '.. 60 passed\n'),
  stepFinished('format'),
  stepFinished('tests', { durationMs: 6100 }),
  {
    type: 'run-finished',
    outcome: 'passed',
    imageId: `sha256:${'ab'.repeat(32)}`,
    durationMs: 48_000,
    counts: { passed: 2, failed: 0, cached: 0, skipped: 0, cancelled: 0 },
  },
];

/** A run of seven steps of which four fail, their outputs mixed. */
export const failingRun: readonly RunEvent[] = [
  runStarted(),
  { type: 'step-started', step: 'format', command: 'black --check core/' },
  { type: 'step-started', step: 'lint', command: 'flake8 core/' },
  stepOutput('format', 'would reformat core/app.py\n', 'stderr'),
  stepOutput('format', '\nOh no! 1 file would be reformatted.\n', 'stderr'),
  stepFinished('format', { outcome: 'failed', exitCode: 1, next: ['Run: black core/'] }),
  { type: 'step-started', step: 'types', command: 'mypy core/' },
  stepFinished('lint', { durationMs: 810 }),
  stepOutput('types', 'core/models.py:12: error: Incompatible default for parameter "x"'),
  { type: 'step-started', step: 'tests', command: 'pytest -q' },
  stepOutput('tests', '...F\nFAILED core/tests/test_cart.py::test_total - assert 3 == 4\n'),
  stepOutput('types', '  [assignment]\nFound 1 error in 1 file (checked 20 source files)\n'),
  stepFinished('types', { outcome: 'failed', exitCode: 1, durationMs: 2300 }),
  stepFinished('tests', { outcome: 'failed', exitCode: 1, durationMs: 4200 }),
  { type: 'step-started', step: 'ui-install', command: 'npm ci' },
  stepFinished('ui-install', { durationMs: 3100 }),
  { type: 'step-started', step: 'ui-types', command: 'npx tsc --noEmit' },
  stepOutput('ui-types', "src/App.tsx(3,18): error TS2307: Cannot find module './Missing'.\n"),
  stepFinished('ui-types', { outcome: 'failed', exitCode: 2, durationMs: 1500 }),
  { type: 'step-started', step: 'ui-build', command: 'npm run build' },
  stepFinished('ui-build', { durationMs: 62_000 }),
  {
    type: 'run-finished',
    outcome: 'failed',
    imageId: `sha256:${'ab'.repeat(32)}`,
    durationMs: 6200,
    counts: { passed: 3, failed: 4, cached: 0, skipped: 0, cancelled: 0 },
  },
];
