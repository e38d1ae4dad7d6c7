import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import type { StepFinished } from '../../src/pipeline/events.ts';
import { catalogue } from '../../src/remedies/catalogue.ts';
import { engineTest } from '../support/engine-test.ts';
import { parity } from '../support/parity.ts';

const { address, folder, test } = engineTest();
const dir = folder('remedies');

// Every entry's example, in one pipeline, with the real tools of an image that parity makes.
test('each example fails as it is meant to, and its own remedy is the first that is told', async () => {
  cpSync(join(packageRoot(), 'test/fixtures/remedies'), dir, {
    recursive: true,
    filter: (path) => basename(path) !== 'output.txt',
  });
  spawnSync('git', ['init', '-q'], { cwd: dir });
  const env = {
    DOCKER_HOST: address,
    PARITY_LEASE_SECONDS: '60',
    PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? join(dir, '..', 'cache'),
  };
  const { code, stdout, stderr } = await parity(['up', '--reporter', 'json'], { cwd: dir, env });
  expect(code, stderr + stdout.slice(-2000)).toBe(1);
  const steps = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StepFinished)
    .filter(({ type }) => type === 'step-finished');
  const told = steps
    .filter(({ step }) => step.includes(':'))
    .map(({ step, outcome, remedies = [] }) => `${step.replace(':', '/')} ${outcome}: ${remedies[0]?.id ?? 'nothing'}`);
  expect(told.sort()).toEqual(catalogue.map(({ id }) => `${id} failed: ${id}`).sort());
}, 1_800_000);
