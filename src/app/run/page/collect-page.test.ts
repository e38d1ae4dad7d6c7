import { expect, it } from 'vitest';
import { step } from '../../../../test/support/environment.ts';
import { receiptOf } from '../../../../test/support/receipt.ts';
import type { Pass } from '../../../pipeline/cache/pass.ts';
import { explainStepsForPage, type WhySteps } from './collect-page.ts';

const passed = (name: string): Pass => ({
  version: 1,
  key: '0'.repeat(64),
  step: name,
  passedAt: Date.UTC(2026, 10, 25, 18, 0, 12),
  durationMs: 400,
  diagnostics: [],
  log: '',
});
const subject: WhySteps = {
  steps: [
    step({ name: 'lint' }),
    step({ name: 'tests', cache: false }),
    step({ name: 'wheel', network: 'full', cache: true, cacheSeconds: 86_400 }),
    step({ name: 'runs' }),
  ],
  cache: {
    passOf: (name) => (name === 'lint' ? passed('lint') : undefined),
    spotChecked: new Map(),
    elsewhere: new Map(),
    expired: new Map([['wheel', passed('wheel')]]),
    ofJobs: new Map(),
    distrust: new Map(),
  },
  projectDir: '/nowhere/that/anything/ran',
  now: receiptOf(),
  options: { cold: false, isShard: false },
};

it('tells of each step why it ran or did not have to', () => {
  expect([...explainStepsForPage(subject)]).toEqual([
    ['lint', 'is cached: it passed at 2026-11-25 18:00:12 with the same image, command, variables and inputs'],
    ['tests', 'always runs: parity.yaml says `cache: false`'],
    [
      'wheel',
      'runs: it passed at 2026-11-25 18:00:12 with the same inputs, and its pass stands for 24 h (`cache:`), since it asks an index that may have something newer',
    ],
    ['runs', 'runs: no run in which it passed is known here'],
  ]);
});

it('tells where a whole run believes no earlier pass', () => {
  const why = (options: WhySteps['options']): string | undefined =>
    explainStepsForPage({ ...subject, options }).get('lint');
  expect([
    why({ cold: true, isShard: false }),
    why({ cold: false, isShard: true }),
    why({ cold: false, noCache: true, isShard: false }),
  ]).toEqual([
    'runs: a cold run believes no earlier pass',
    'runs: a shard runs its part, whatever passed before',
    'runs: --no-cache believes no earlier pass',
  ]);
});
