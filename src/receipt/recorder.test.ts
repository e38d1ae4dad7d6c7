import { expect, test } from 'vitest';
import { stepFinished, stepOutput } from '../../test/support/run-events.ts';
import { step } from '../../test/support/steps.ts';
import { sha256 } from '../core/digest.ts';
import { parityVersion } from '../core/version.ts';
import type { RunEvent } from '../pipeline/events.ts';
import { Recorder, envOf, type RunFacts } from './recorder.ts';
import { formatReceipt } from './write-receipt.ts';

const tests = step('tests', {
  run: 'curl -H "Bearer abc"; pytest',
  env: { PYTHONPATH: '.' },
  secrets: ['DSN'],
  inputs: ['**/*.py'],
});
const lint = step('lint', { needs: ['tests'] });

const facts: RunFacts = {
  commit: 'c'.repeat(40),
  dirty: false,
  project: 'apps/shop',
  lock: sha256('lock'),
  image: { id: sha256('config'), config: sha256('config'), manifest: sha256('manifest') },
  platform: 'linux/amd64',
  engine: { product: 'docker', version: '26.1.5' },
  machine: { cpus: 2, memoryBytes: 4_000_000_000 },
  options: { steps: [], cold: false, jobs: 2, shard: null },
  files: () => ({
    '9': `100644 ${'9'.repeat(64)}`,
    '10': `100755 ${'1'.repeat(64)}`,
    'a.py': `100644 ${'a'.repeat(64)}`,
  }),
  steps: [
    { config: tests, variables: { PYTHONPATH: '.', DSN: 'postgres://me:pw@db' }, inputsDigest: sha256('py') },
    { config: lint, variables: {}, inputsDigest: sha256('all') },
  ],
  hostPaths: new Map([['/home/ann/shop', '.']]),
};

const started: RunEvent = {
  type: 'run-started',
  steps: [
    { name: 'tests', run: 'curl -H "Bearer ***"; pytest', needs: [], cwd: '.' },
    { name: 'lint', run: 'lint', needs: ['tests'], cwd: '.' },
  ],
  project: '/home/ann/shop',
  configSource: 'parity.yaml',
  jobs: 2,
};
const finished: RunEvent = {
  type: 'run-finished',
  outcome: 'failed',
  imageId: sha256('config'),
  durationMs: 900,
  counts: { passed: 0, failed: 1, cached: 0, skipped: 1, cancelled: 0 },
};

test('a run’s receipt has what decided it and how it ended, no secret and no path of the machine', () => {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const recorder = new Recorder(() => now);
  recorder.onEvent(started);
  now += 70;
  recorder.onEvent({ type: 'step-started', step: 'tests', command: tests.run });
  recorder.onEvent(stepOutput('tests', 'F\n'));
  recorder.onEvent(stepOutput('tests', '1 failed\n', 'stderr'));
  const diagnostic = {
    tool: 'pytest',
    code: 'AssertionError',
    severity: 'error',
    message: 'in /home/ann/shop/a.py: assert 1 == 2',
    file: 'a.py',
    line: 3,
    column: null,
  } as const;
  recorder.onEvent(stepFinished('tests', { outcome: 'failed', exitCode: 1, diagnostics: [diagnostic] }));
  recorder.onEvent(
    stepFinished('lint', { outcome: 'skipped', reason: 'needs', durationMs: 0, cpuMs: null, peakMemoryBytes: null }),
  );
  expect(recorder.receipt(facts)).toBeUndefined();
  recorder.onEvent(finished);
  // Another run of the same session is none of its business.
  recorder.onEvent(started);
  recorder.onEvent(stepOutput('tests', 'of another run\n'));
  const receipt = recorder.receipt(facts);
  expect(receipt).toEqual({
    version: 1,
    parity: parityVersion,
    commit: facts.commit,
    dirty: false,
    project: 'apps/shop',
    lock: facts.lock,
    image: facts.image,
    platform: 'linux/amd64',
    engine: facts.engine,
    machine: facts.machine,
    options: facts.options,
    files: facts.files(),
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 900,
    outcome: 'failed',
    failure: null,
    steps: [
      {
        name: 'tests',
        run: 'curl -H "Bearer ***"; pytest',
        cwd: '.',
        network: 'none',
        needs: [],
        env: { PYTHONPATH: sha256('.'), DSN: 'secret' },
        inputs: ['**/*.py'],
        inputsDigest: sha256('py'),
        outcome: 'failed',
        exitCode: 1,
        signal: null,
        reason: null,
        startedMs: 70,
        durationMs: 400,
        cpuMs: 210,
        peakMemoryBytes: 30_000_000,
        log: { bytes: 11, digest: sha256('F\n1 failed\n') },
        diagnostics: [{ ...diagnostic, message: 'in ./a.py: assert 1 == 2' }],
      },
      {
        name: 'lint',
        run: 'lint',
        cwd: '.',
        network: 'none',
        needs: ['tests'],
        env: {},
        inputs: null,
        inputsDigest: sha256('all'),
        outcome: 'skipped',
        exitCode: null,
        signal: null,
        reason: 'needs',
        startedMs: null,
        durationMs: 0,
        cpuMs: null,
        peakMemoryBytes: null,
        log: { bytes: 0, digest: sha256('') },
        diagnostics: [],
      },
    ],
  });
  if (receipt === undefined) return;
  const text = formatReceipt(receipt);
  expect(JSON.parse(text)).toEqual(receipt);
  expect(text).toMatch(/^\{\n {2}"commit": "c{40}",\n[\s\S]*\n\}\n$/);
  // Byte order, which an object of JavaScript would not keep for such names.
  expect(text.indexOf('"10": "100755')).toBeLessThan(text.indexOf('"9": "100644'));
  const topKeys = [...text.matchAll(/^ {2}"(\w+)":/gm)].map(([, key]) => key);
  expect(topKeys).toEqual(topKeys.toSorted());
});

test('a run that ended before its plan has no receipt', () => {
  const recorder = new Recorder();
  recorder.onEvent(finished);
  expect(recorder.receipt(facts)).toBeUndefined();
});

test('what is a secret, or looks like one, is only said to be there', () => {
  const values = {
    PYTHONPATH: '.',
    DEPLOY: 'x',
    GITHUB_TOKEN: 't',
    db_password: 'p',
    SIGNING_KEYS: 'k',
    AWS_SECRET_ACCESS_KEY: 'k',
    MONKEY: 'm',
    PWD: '/',
    DATABASE_URL: 'postgres://me:hunter2@db/x',
    NOTE: 'token is ghp_0123456789abcdefABCDEF',
  };
  const env = envOf({ secrets: ['DEPLOY'] }, values);
  expect(Object.keys(env).filter((name) => env[name] === 'secret')).toEqual([
    'DEPLOY',
    'GITHUB_TOKEN',
    'db_password',
    'SIGNING_KEYS',
    'AWS_SECRET_ACCESS_KEY',
    'DATABASE_URL',
    'NOTE',
  ]);
  expect(env).toMatchObject({ PYTHONPATH: sha256('.'), MONKEY: sha256('m') });
});
