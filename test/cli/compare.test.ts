import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sha256 } from '../../src/core/digest.ts';
import { formatReceipt } from '../../src/receipt/write-receipt.ts';
import { parity, scratchFolder, type Ended } from '../support/parity.ts';
import { receiptOf, receiptStep } from '../support/receipt.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const run = (...args: readonly string[]): Promise<Ended> => parity(args, { cwd: scratch.dir });

function put(name: string, receipt: ReturnType<typeof receiptOf>): string {
  writeFileSync(join(scratch.dir, name), formatReceipt(receipt));
  return name;
}

test('equal receipts exit 0, others 1 with the first difference, unreadable ones 2', async () => {
  put('ci.json', receiptOf());
  put('same.json', receiptOf({ durationMs: 1, startedAt: '2027-01-01T00:00:00Z' }));
  put('lock.json', receiptOf({ lock: sha256('other') }));
  expect(await run('compare', 'ci.json', 'same.json')).toEqual({
    code: 0,
    signal: null,
    stdout: 'ci.json and same.json are equal but for times: the same outcome of all 3 steps\n',
    stderr: '',
  });
  const other = await run('compare', 'ci.json', 'lock.json');
  expect(other).toMatchObject({ code: 1, stderr: '' });
  expect(other.stdout.split('\n')[0]).toMatch(/^The lock differs: ci\.json ran with [0-9a-f]{12}, lock\.json with/);
  const json = await run('compare', 'ci.json', 'lock.json', '--reporter', 'json');
  expect({ ...json, stdout: JSON.parse(json.stdout) as unknown }).toMatchObject({
    code: 1,
    stdout: {
      type: 'compared',
      schemaVersion: 1,
      there: 'ci.json',
      here: 'lock.json',
      equal: false,
      first: { kind: 'lock', there: sha256('lock'), here: sha256('other') },
      differences: [{ kind: 'lock' }],
      circumstances: [],
      steps: ['format', 'tests', 'ui'],
      notCompared: [],
    },
  });
  writeFileSync(join(scratch.dir, 'bad.json'), '{');
  const bad = await run('compare', 'ci.json', 'bad.json');
  expect(bad).toMatchObject({ code: 2, stdout: '' });
  expect(bad.stderr).toContain('bad.json is not a receipt that parity wrote: it is not JSON');
  expect(await run('compare', 'nothing.json')).toMatchObject({ code: 2 });
  expect(await run('compare')).toMatchObject({ code: 2 });
});

test('a project without a run has nothing to compare with, and says what to do', async () => {
  put('ci.json', receiptOf());
  expect(await run('compare', 'ci.json')).toMatchObject({
    code: 2,
    stderr: `error: no run of ${scratch.dir} is known to compare with\nnext: parity up, then this again; or name a second receipt\n`,
  });
});

test('the shards of one run become one receipt, on stdout or in a file', async () => {
  const shard = (index: number, steps: readonly string[]): string =>
    put(
      `shard-${index}.json`,
      receiptOf({
        options: { steps: [], cold: false, jobs: 2, shard: { index, of: 2 } },
        steps: steps.map((name) => receiptStep(name)),
      }),
    );
  const files = [shard(1, ['format']), shard(2, ['tests'])];
  const printed = await run('receipt', 'merge', ...files);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(printed.stdout)).toMatchObject({
    options: { shard: null },
    steps: [{ name: 'format' }, { name: 'tests' }],
  });
  expect(await run('receipt', 'merge', ...files, '--output', 'out/whole.json')).toMatchObject({
    code: 0,
    stdout: 'wrote out/whole.json: 2 shards, 2 steps, passed\n',
  });
  expect(readFileSync(join(scratch.dir, 'out/whole.json'), 'utf8')).toBe(printed.stdout);
  expect(await run('receipt', 'merge', 'shard-2.json')).toMatchObject({
    code: 2,
    stderr: 'error: shard 1 of 2 is missing\nnext: name the receipts of all shards of one run, each once\n',
  });
});
