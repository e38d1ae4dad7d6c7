import { describe, expect, test } from 'vitest';
import { step } from '../../../test/support/environment.ts';
import { changedPaths, changeWords, touchedSteps, type RoundPlan } from './snapshot.ts';

describe('changedPaths', () => {
  test('gives what is new, gone, or has other content or another mode, in byte order', () => {
    const before = new Map([
      ['same', '100644 a'],
      ['content', '100644 a'],
      ['mode', '100644 a'],
      ['gone', '100644 a'],
    ]);
    const now = new Map([
      ['same', '100644 a'],
      ['content', '100644 b'],
      ['mode', '100755 a'],
      ['é', '100644 a'],
      ['Z', '100644 a'],
    ]);
    expect(changedPaths(before, now)).toEqual(['Z', 'content', 'gone', 'mode', 'é']);
    expect(changedPaths(now, now)).toEqual([]);
  });
});

describe('touchedSteps', () => {
  const plan: RoundPlan = {
    project: 'shop',
    decisive: new Set(['shop/parity.lock.json', 'shop/Dockerfile.own']),
    steps: [
      step({ name: 'lint', inputs: ['src/**/*.py', '!src/generated/**'] }),
      step({ name: 'install', cwd: 'ui', inputs: ['package.json'] }),
      step({ name: 'build', cwd: 'ui', inputs: ['*.ts'], needs: ['install'] }),
      step({ name: 'all', needs: [] }),
    ],
  };
  test.each([
    ['an input', ['shop/src/a.py'], ['lint', 'all']],
    ['what a glob with ! leaves out', ['shop/src/generated/a.py'], ['all']],
    ['an input of a step that others need', ['shop/ui/package.json'], ['install', 'build', 'all']],
    ['a file of another project', ['other/src/a.py'], ['all']],
    ['the config', ['shop/parity.yaml'], ['lint', 'install', 'build', 'all']],
    ['a config nearer by', ['shop/ui/parity.yaml'], ['lint', 'install', 'build', 'all']],
    ['the lock', ['shop/parity.lock.json'], ['lint', 'install', 'build', 'all']],
    ['the recipe', ['shop/Dockerfile.own'], ['lint', 'install', 'build', 'all']],
    ['nothing', [], []],
  ])('%s', (_, paths, touched) => {
    expect([...touchedSteps(paths, plan)]).toEqual(touched);
  });
});

test('changeWords names up to three files as the project has them, and counts more', () => {
  expect(changeWords(['core/orders.py'], '.')).toBe('core/orders.py changed');
  expect(changeWords(['shop/a', 'lib/b', 'shop/ui/c'], 'shop')).toBe('a, ../lib/b, ui/c changed');
  expect(changeWords(['1', '2', '3', '4'], '.')).toBe('4 files changed');
});
