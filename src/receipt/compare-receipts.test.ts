import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filesOf, receiptOf, receiptStep, withStep } from '../../test/support/receipt.ts';
import { sha256 } from '../core/digest.ts';
import { compareReceipts } from './compare-receipts.ts';
import type { Receipt } from './receipt.ts';

const ci = receiptOf();
const texts = {
  'core/app.py': 'a',
  'core/tests/test_app.py': 't',
  'parity.lock.json': '{}',
  'parity.yaml': 'v',
  'ui/x.ts': 'x',
};
const failed = { outcome: 'failed', exitCode: 1 } as const;
const ending = { outcome: 'passed', exitCode: 0, signal: null, reason: null };

/** Each kind of difference: what is doctored, and what is named. */
const doctored: readonly (readonly [string, Receipt, readonly object[]])[] = [
  ['the lock', receiptOf({ lock: sha256('other') }), [{ kind: 'lock', there: sha256('lock'), here: sha256('other') }]],
  [
    'the image',
    receiptOf({ image: { id: sha256('i'), config: sha256('i'), manifest: sha256('m') } }),
    [{ kind: 'image', there: sha256('config'), here: sha256('i') }],
  ],
  [
    'the toolchain of a step',
    withStep(ci, 'tests', { toolchain: 'old' }),
    [{ kind: 'command', step: 'tests', field: 'toolchain', there: null, here: 'old' }],
  ],
  [
    'the platform, and so the image',
    receiptOf({ platform: 'linux/arm64', image: { id: sha256('i'), config: null, manifest: null } }),
    [{ kind: 'platform', there: 'linux/amd64', here: 'linux/arm64' }],
  ],
  ...(
    [
      ['run', 'pytest -q'],
      ['cwd', 'core'],
      ['network', 'full'],
    ] as const
  ).map(
    ([field, value]) =>
      [
        field,
        withStep(ci, 'tests', { [field]: value }),
        [{ kind: 'command', step: 'tests', field, there: ci.steps[1]?.[field], here: value }],
      ] as const,
  ),
  [
    'needs',
    withStep(ci, 'ui', { needs: [] }),
    [{ kind: 'command', step: 'ui', field: 'needs', there: 'tests', here: '' }],
  ],
  [
    'a step that is gone',
    receiptOf({ steps: ci.steps.slice(1) }),
    [{ kind: 'command', step: 'format', field: 'step', there: 'run format', here: null }],
  ],
  [
    'a step that is new',
    receiptOf({ steps: [...ci.steps, receiptStep('docs')] }),
    [{ kind: 'command', step: 'docs', field: 'step', there: null, here: 'run docs' }],
  ],
  [
    'a variable',
    withStep(ci, 'tests', { env: { PYTHONPATH: sha256('core'), API: 'secret' } }),
    [{ kind: 'env', name: 'PYTHONPATH', steps: ['tests'], there: sha256('.'), here: sha256('core') }],
  ],
  [
    'a variable of several steps that only one run has',
    receiptOf({ steps: ci.steps.map((step) => ({ ...step, env: { ...step.env, constructor: sha256('1') } })) }),
    [{ kind: 'env', name: 'constructor', steps: ['format', 'tests', 'ui'], there: null, here: sha256('1') }],
  ],
  [
    'a file’s content',
    receiptOf({ files: filesOf({ ...texts, 'core/app.py': 'b' }) }),
    [{ kind: 'inputs', path: 'core/app.py', change: 'content', steps: ['format', 'tests'] }],
  ],
  [
    'a file’s mode',
    receiptOf({ files: { ...ci.files, 'ui/x.ts': ci.files['ui/x.ts']?.replace('100644', '100755') ?? '' } }),
    [{ kind: 'inputs', path: 'ui/x.ts', change: 'mode', steps: ['tests', 'ui'] }],
  ],
  [
    'a file that is gone',
    receiptOf({ files: filesOf({ 'core/app.py': 'a', 'parity.lock.json': '{}', 'parity.yaml': 'v', 'ui/x.ts': 'x' }) }),
    [{ kind: 'inputs', path: 'core/tests/test_app.py', change: 'only-there', steps: ['format', 'tests'] }],
  ],
  [
    'a file that is new',
    receiptOf({ files: filesOf({ ...texts, constructor: 'n' }) }),
    [{ kind: 'inputs', path: 'constructor', change: 'only-here', there: null, steps: ['tests'] }],
  ],
  [
    'a digest of inputs alone',
    withStep(ci, 'format', { inputsDigest: sha256('forged') }),
    [{ kind: 'inputs', path: null, change: 'unlisted', there: null, here: null, steps: ['format'] }],
  ],
  [
    'only the outcome',
    withStep(receiptOf({ outcome: 'failed' }), 'tests', failed),
    [{ kind: 'outcome', step: 'tests', there: ending, here: { ...ending, ...failed }, flaky: true }],
  ],
  [
    'the outcome of a step, and what was left out for it',
    withStep(withStep(receiptOf({ outcome: 'failed' }), 'tests', failed), 'ui', {
      outcome: 'skipped',
      exitCode: null,
      reason: 'needs',
    }),
    [{ kind: 'outcome', step: 'tests', flaky: true }],
  ],
  [
    'an end before the end',
    withStep(receiptOf({ outcome: 'cancelled', failure: 'interrupted' }), 'ui', {
      outcome: 'cancelled',
      exitCode: null,
    }),
    [
      {
        kind: 'run',
        there: { outcome: 'passed', failure: null },
        here: { outcome: 'cancelled', failure: 'interrupted' },
      },
    ],
  ],
];

describe('each kind of difference is named first and alone', () => {
  test.each(doctored)('%s', (_, here, differences) => {
    const comparison = compareReceipts(ci, here);
    expect(comparison.differences).toMatchObject(differences);
    expect(comparison.differences).toHaveLength(differences.length);
    expect(comparison.equal).toBe(false);
    // The other way round it is the same thing.
    expect(compareReceipts(here, ci).differences.map(({ kind }) => kind)).toEqual(
      comparison.differences.map(({ kind }) => kind),
    );
  });
});

describe('what is no difference', () => {
  test.each<[string, Receipt, readonly string[]]>([
    ['times, logs and memory', timeless(), []],
    [
      'the parity, the engine and the machine',
      receiptOf({
        parity: '9.9.9',
        engine: { product: 'podman', version: '4.3' },
        machine: { cpus: 8, memoryBytes: 1 },
      }),
      ['parity', 'engine', 'cpus', 'memory'],
    ],
    ['a commit with the same files', receiptOf({ commit: 'd'.repeat(40), dirty: true }), ['commit', 'dirty']],
    ['--cold', receiptOf({ options: { ...ci.options, cold: true } }), ['cold']],
    [
      'an image by its manifest, as the containerd store has it',
      receiptOf({ image: { ...ci.image, id: sha256('manifest') } }),
      [],
    ],
    [
      'an image of which the lock says nothing',
      receiptOf({ image: { id: sha256('manifest'), config: null, manifest: null } }),
      [],
    ],
    ['a pass from the cache', withStep(ci, 'tests', { outcome: 'cached', exitCode: null }), []],
    [
      'an image that was written into the lock',
      receiptOf({ files: filesOf({ ...texts, 'parity.lock.json': '{"image":1}' }) }),
      ['other files'],
    ],
  ])('%s', (_, here, circumstances) => {
    const comparison = compareReceipts(ci, here);
    expect(comparison).toMatchObject({ equal: true, differences: [], steps: ['format', 'tests', 'ui'] });
    expect(comparison.circumstances.map(({ what }) => what)).toEqual(circumstances);
  });

  test('a file that no step reads', () => {
    const steps = [receiptStep('format', { inputs: ['core/**'] })];
    const comparison = compareReceipts(
      receiptOf({ steps, files: filesOf(texts) }),
      receiptOf({ steps, files: filesOf({ ...texts, 'ui/x.ts': 'y', 'ui/y.ts': '' }) }),
    );
    expect(comparison).toMatchObject({ equal: true, circumstances: [{ what: 'other files', there: '2' }] });
  });

  test('a step that one of the runs was not asked for', () => {
    const part = receiptOf({ options: { ...ci.options, steps: ['tests'] }, steps: ci.steps.slice(1, 2) });
    expect(compareReceipts(ci, part)).toMatchObject({ equal: true, steps: ['tests'], notCompared: ['format', 'ui'] });
    const shard = receiptOf({
      options: { ...ci.options, shard: { index: 2, of: 2 } },
      steps: ci.steps.slice(0, 1).map((step) => ({ ...step, run: 'black .' })),
    });
    expect(compareReceipts(ci, shard)).toMatchObject({
      differences: [{ kind: 'command', step: 'format', field: 'run' }],
      notCompared: ['tests', 'ui'],
    });
  });
});

test('differences come in order of cause, whatever they are', () => {
  const order = ['lock', 'image', 'platform', 'command', 'env', 'inputs', 'run', 'outcome'];
  const changes: readonly ((receipt: Receipt) => Receipt)[] = [
    (receipt) => ({ ...receipt, lock: sha256('other') }),
    (receipt) => ({ ...receipt, image: { id: sha256('i'), config: null, manifest: null } }),
    (receipt) => withStep(receipt, 'ui', { run: 'other' }),
    (receipt) => withStep(receipt, 'format', { env: { X: sha256('x') } }),
    (receipt) => ({ ...receipt, files: { ...receipt.files, 'core/new.py': `100644 ${'0'.repeat(64)}` } }),
    (receipt) => ({ ...receipt, outcome: 'failed', failure: 'environment-lost' }),
    (receipt) => withStep(receipt, 'tests', failed),
  ];
  const kinds = ['lock', 'image', 'command', 'env', 'inputs', 'run', 'outcome'];
  fc.assert(
    fc.property(fc.shuffledSubarray([...changes.keys()]), (chosen) => {
      const here = chosen.reduce((receipt, index) => changes[index]?.(receipt) ?? receipt, ci);
      const found = compareReceipts(ci, here).differences.map(({ kind }) => kind as string);
      expect(found).toEqual(found.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
      expect([...new Set(found)]).toEqual(kinds.filter((_, index) => chosen.includes(index)));
    }),
  );
});

test('the file that a failing step complains of is named first, then what it reads', () => {
  const there = receiptOf({
    steps: [receiptStep('ui', { cwd: 'ui', inputs: ['**'] }), receiptStep('tests', { inputs: ['core/**'] })],
  });
  const changed = receiptOf({
    steps: there.steps,
    files: filesOf({ ...texts, 'a.py': '', 'core/app.py': 'b', 'core/tests/test_app.py': 'u', 'ui/x.ts': 'y' }),
  });
  const paths = (here: Receipt): unknown =>
    compareReceipts(there, here).differences.flatMap((one) => (one.kind === 'inputs' ? [one.path] : []));
  expect(paths(changed)).toEqual(['core/app.py', 'core/tests/test_app.py', 'ui/x.ts']);
  expect(paths(withStep(changed, 'ui', failed))).toEqual(['ui/x.ts', 'core/app.py', 'core/tests/test_app.py']);
  const diagnostics = [
    {
      tool: 'pytest',
      code: null,
      severity: 'error',
      message: 'x',
      file: 'core/tests/test_app.py',
      line: 1,
      column: null,
    },
  ] as const;
  expect(paths(withStep(changed, 'tests', { ...failed, diagnostics }))).toEqual([
    'core/tests/test_app.py',
    'core/app.py',
    'ui/x.ts',
  ]);
});

function timeless(): Receipt {
  const other = {
    startedMs: 99,
    durationMs: 1,
    cpuMs: null,
    peakMemoryBytes: null,
    log: { bytes: 0, digest: sha256('') },
  };
  return receiptOf({
    startedAt: '2027-01-01T00:00:00.000Z',
    durationMs: 5,
    options: { ...ci.options, jobs: 9 },
    steps: ci.steps.map((step) => ({ ...step, ...other })),
  });
}

test('images are compared toolchain by toolchain, those that both runs used', () => {
  const image = (text: string): Receipt['image'] => ({ id: sha256(text), config: sha256(text), manifest: null });
  const there = receiptOf({ toolchains: { lint: image('a'), docs: image('b') } });
  const here = receiptOf({ toolchains: { lint: image('c'), more: image('d') } });
  expect(compareReceipts(there, here).differences).toEqual([
    { kind: 'image', toolchain: 'lint', there: sha256('a'), here: sha256('c') },
  ]);
});
