import { sha256 } from '../../src/core/digest.ts';
import type { Receipt, ReceiptStep } from '../../src/receipt/receipt.ts';
import type { FileState } from '../../src/workspace/file-state.ts';
import { inputsDigest } from '../../src/workspace/step-inputs.ts';

/** A step that passed in 400 ms unless said otherwise. */
export function receiptStep(name: string, more: Partial<ReceiptStep> = {}): ReceiptStep {
  return {
    name,
    run: `run ${name}`,
    cwd: '.',
    network: 'none',
    needs: [],
    env: {},
    inputs: null,
    inputsDigest: sha256(''),
    outcome: 'passed',
    exitCode: 0,
    signal: null,
    reason: null,
    startedMs: 10,
    durationMs: 400,
    cpuMs: 210,
    peakMemoryBytes: 30_000_000,
    log: { bytes: 3, digest: sha256('ok\n') },
    diagnostics: [],
    ...more,
  };
}

/** Files by path, each with its text's digest. */
export function filesOf(texts: Readonly<Record<string, string>>): Receipt['files'] {
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, `100644 ${sha256(text).slice(7)}`]));
}

/** A run of `format`, `tests` and `ui` in CI, all passed; the digests of inputs are those of its files. */
export function receiptOf(more: Partial<Receipt> = {}): Receipt {
  const receipt: Receipt = {
    version: 1,
    parity: '0.1.0',
    commit: 'c'.repeat(40),
    dirty: false,
    project: '.',
    lock: sha256('lock'),
    image: { id: sha256('config'), config: sha256('config'), manifest: sha256('manifest') },
    platform: 'linux/amd64',
    engine: { product: 'docker', version: '26.1.5' },
    machine: { cpus: 2, memoryBytes: 8_000_000_000 },
    options: { steps: [], cold: false, jobs: 2, shard: null },
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 900,
    outcome: 'passed',
    failure: null,
    files: filesOf({
      'core/app.py': 'a',
      'core/tests/test_app.py': 't',
      'parity.lock.json': '{}',
      'parity.yaml': 'v',
      'ui/x.ts': 'x',
    }),
    steps: [
      receiptStep('format', { inputs: ['core/**/*.py'] }),
      receiptStep('tests', { env: { PYTHONPATH: sha256('.'), API: 'secret' } }),
      receiptStep('ui', { cwd: 'ui', inputs: ['**'], needs: ['tests'] }),
    ],
    ...more,
  };
  const states = Object.entries(receipt.files).map(([path, state]) => {
    const [mode, digest] = state.split(' ');
    return { path, mode, digest } as FileState;
  });
  const steps = receipt.steps.map(({ inputs, ...step }) => ({
    ...step,
    inputs,
    inputsDigest: inputsDigest(states, {
      cwd: step.cwd,
      project: receipt.project,
      ...(inputs === null ? {} : { inputs }),
    }),
  }));
  return { ...receipt, steps };
}

/** The receipt with one step changed. */
export function withStep(receipt: Receipt, name: string, change: Partial<ReceiptStep>): Receipt {
  return { ...receipt, steps: receipt.steps.map((step) => (step.name === name ? { ...step, ...change } : step)) };
}
