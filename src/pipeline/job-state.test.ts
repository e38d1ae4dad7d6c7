import { expect, test } from 'vitest';
import type { StepConfig } from '../config/config.ts';
import { JobState } from './job-state.ts';
import { neededInJob } from './needed-in-job.ts';

const none = { cwd: '.', env: {}, passEnv: [], secrets: [], volumes: [], network: 'none' } as const;
const step = (name: string, job: string | undefined, needs: readonly string[], run = 'true'): StepConfig => {
  return { ...none, name, run, needs, ...(job === undefined ? {} : { job }) };
};
const nothing = { env: '', path: '', output: '' };

const lint = step('lint', 'other', []);
const first = step('first', 'web', []);
const side = step('side', 'web', []);
const second = step('second', 'web', ['first', 'lint']);
const third = step('third', 'web', ['second'], 'echo ${{ steps.first.outputs.the-key }}/${{steps.side.outputs.key}}');
const alone = step('alone', undefined, ['third'], 'echo ${{ steps.first.outputs.the-key }}');
const plan = [lint, first, side, second, third, alone];

test('a step is on a machine with the steps of its job that it needs, and with no other job’s', () => {
  expect(neededInJob(plan, third).map(({ name }) => name)).toEqual(['first', 'second']);
  expect(neededInJob(plan, first)).toEqual([]);
  expect(neededInJob(plan, alone)).toEqual([]);
});

test('variables, folders of PATH and outputs go to the later steps that need it, the later value wins, and a step’s own wins', () => {
  const state = new JobState(plan);
  expect(state.take(first, { env: 'A=1\nB=1\n', path: '/one\n/two\n', output: 'the-key=value\n' }).ok).toBe(true);
  expect(state.take(second, { ...nothing, env: 'B=2\nC=2\nGITHUB_SHA=no\n', path: '/three\n' }).ok).toBe(true);
  expect(state.take(side, { env: 'SIDE=1\n', path: '/side\n', output: 'key=side\n' }).ok).toBe(true);
  expect(state.take(lint, { ...nothing, env: 'LINT=1\n' }).ok).toBe(true);
  expect(state.startOf(second, { OWN: '1', A: 'own ${{ steps.first.outputs.the-key }}' })).toEqual({
    variables: { A: 'own value', B: '1', OWN: '1' },
    path: ['/two', '/one'],
    run: 'true',
  });
  expect(state.startOf(third, {})).toEqual({
    variables: { A: '1', B: '2', C: '2' },
    path: ['/three', '/two', '/one'],
    run: 'echo value/',
  });
});

test('a command that asks for a variable of CI’s gets what was passed on, or its own', () => {
  const asks = step('asks', 'web', ['first'], 'echo ${{ env.A }} ${{env.OWN}} ${{ env.NONE }}');
  const state = new JobState([first, asks]);
  state.take(first, { ...nothing, env: 'A=1\n' });
  expect(state.startOf(asks, { OWN: 'of ${{ env.A }}' })).toEqual({
    variables: { A: '1', OWN: 'of 1' },
    path: [],
    run: 'echo 1 of 1 ',
  });
});

test('a step without a job gets nothing, and its command is left as it is', () => {
  const state = new JobState(plan);
  state.take(first, { ...nothing, env: 'A=1\n', output: 'the-key=value\n' });
  expect(state.startOf(alone, { OWN: '1' })).toEqual({ variables: { OWN: '1' }, path: [], run: alone.run });
});

test('what no CI system takes is told', () => {
  const taken = new JobState(plan).take(first, { ...nothing, output: 'words\n' });
  expect(taken).toEqual({ ok: false, error: 'GITHUB_OUTPUT has the line "words", which is not NAME=value' });
});
