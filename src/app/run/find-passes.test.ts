import { expect, test } from 'vitest';
import { step } from '../../../test/support/steps.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { withdrawForJobs } from './find-passes.ts';

const plan = [
  step('build', { job: 'web' }),
  step('start', { job: 'web', needs: ['build'] }),
  step('aside', { job: 'web' }),
  step('smoke', { job: 'web', needs: ['start', 'lint'] }),
  step('lint'),
  step('docs', { job: 'docs', needs: ['smoke'] }),
];

/** What is still cached when these steps have no pass, and which are run for which. */
function without(...names: readonly string[]): unknown {
  const pass: Pass = { version: 1, key: 'k', step: '', passedAt: 0, durationMs: 1, diagnostics: [], log: '' };
  const passes = new Map(plan.filter(({ name }) => !names.includes(name)).map(({ name }) => [name, pass]));
  const withdrawn = withdrawForJobs(plan, passes);
  return { cached: [...passes.keys()], runFor: Object.fromEntries(withdrawn) };
}

test('a step that runs makes those steps of its job run that it needs, and nobody else', () => {
  expect(without()).toEqual({ cached: plan.map(({ name }) => name), runFor: {} });
  expect(without('smoke')).toEqual({ cached: ['aside', 'lint', 'docs'], runFor: { build: 'smoke', start: 'smoke' } });
  expect(without('build')).toEqual({ cached: ['start', 'aside', 'smoke', 'lint', 'docs'], runFor: {} });
  expect(without('docs')).toEqual({ cached: ['build', 'start', 'aside', 'smoke', 'lint'], runFor: {} });
  expect(without('lint')).toEqual({ cached: ['build', 'start', 'aside', 'smoke', 'docs'], runFor: {} });
});
