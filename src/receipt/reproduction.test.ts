import { describe, expect, test } from 'vitest';
import { filesOf, receiptOf, receiptStep } from '../../test/support/receipt.ts';
import { step } from '../../test/support/steps.ts';
import { sha256 } from '../core/digest.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { ReceiptStep } from './receipt.ts';
import { envDifferences, fileDifferences, reproduction } from './reproduction.ts';

describe('a step is reproduced', () => {
  const failed = { outcome: 'failed', exitCode: 1 } as const;
  test.each<[string, Partial<ReceiptStep>, Partial<ReceiptStep>, boolean]>([
    ['when it fails again', failed, failed, true],
    ['when it fails with another exit code: some tools count in it', failed, { ...failed, exitCode: 2 }, true],
    ['when it passes again', {}, { outcome: 'cached' }, true],
    ['not when it passes now', failed, {}, false],
    ['not when it times out now', failed, { ...failed, exitCode: null, reason: 'timeout' }, false],
    ['not when it never ran', failed, { outcome: 'skipped', exitCode: null, reason: 'needs' }, false],
  ])('%s', (_, there, here, reproduced) => {
    const steps = [receiptStep('tests', here), receiptStep('lint', failed)];
    expect(reproduction(receiptStep('tests', there), receiptStep('tests', here), steps)).toMatchObject({
      reproduced,
      because: here.outcome === 'skipped' ? 'lint' : null,
    });
  });
});

test('files that are not as in the commit are told apart; the images written into the lock are none', () => {
  const receipt = receiptOf({
    project: 'a',
    files: filesOf({ 'a/parity.lock.json': '1', same: 's', new: 'n', other: 'o' }),
  });
  const checkout = Object.entries(filesOf({ 'a/parity.lock.json': '2', same: 's', other: 'p', more: 'm' })).map(
    ([path, state]): FileState => ({ path, mode: '100644', digest: state.slice(7) }),
  );
  expect(fileDifferences(receipt, checkout)).toEqual([
    { path: 'more', change: 'was not there' },
    { path: 'new', change: 'never committed' },
    { path: 'other', change: 'changed' },
  ]);
});

test('variables are held against their digests, secrets can not be', () => {
  const tests = step('tests', { env: { A: '1' }, passEnv: ['B', 'C', 'D'], secrets: ['KEY'] });
  const env = { A: sha256('1'), B: sha256('2'), C: sha256('3'), KEY: 'secret' } as const;
  const receipt = receiptOf({ steps: [receiptStep('tests', { env })] });
  const here = new Map([['tests', { A: '1', B: 'two', D: '4', KEY: 'k' }]]);
  expect(envDifferences(receipt, [tests, step('not recorded')], here)).toEqual({
    other: [
      { step: 'tests', variable: 'B', here: true },
      { step: 'tests', variable: 'C', here: false },
    ],
    unknown: ['KEY'],
  });
});
