import { expect, test } from 'vitest';
import { step } from '../../../test/support/steps.ts';
import { unsharedFiles, usesMachine, withJobs, type MachineStep } from './job-machines.ts';

test.each([
  'python serve.py &',
  'python serve.py > log 2>&1 &\nsleep 1',
  'npm start & npx wait-on http://localhost:3000',
  'nohup ./server',
  'touch /tmp/ready',
  'grep made "$HOME/tool/rc"',
  'cat ~/.config/app.toml',
  'cp x ${RUNNER_TEMP}/x',
  'echo "A=$(date)" >> "$GITHUB_ENV"',
])('uses more of its machine than the work tree: %s', (script) => {
  expect(usesMachine(script)).toBe(true);
});

test.each([
  'pytest -q && mypy .',
  'pytest -q 2>&1 | tee log',
  'pytest &> log',
  'echo "a & b" \'c & d\'',
  'make test # in the background &',
  'grep -r tmp src/tmp',
  'ls a~b',
])('uses the work tree alone: %s', (script) => {
  expect(usesMachine(script)).toBe(false);
});

function placed(name: string, job: string, script: string, more: Partial<MachineStep> = {}): MachineStep {
  return { config: step(name), kind: 'other', script, machine: job, job, leg: undefined, ...more };
}

test('the steps of jobs that use their machine have the job’s name, but for what a volume keeps', () => {
  const steps = [
    placed('install', 'Web UI', 'npm ci', { kind: 'node-install' }),
    placed('start', 'Web UI', 'npm start &'),
    placed('smoke', 'Web UI', 'npm test', { kind: 'test' }),
    placed('lint', 'lint', 'flake8', { kind: 'check' }),
    placed('legs', 'e2e', 'touch /tmp/x', { leg: '3.12', machine: 'e2e 3.12' }),
  ];
  expect(withJobs(steps).map(({ name, job }) => [name, job])).toEqual([
    ['install', undefined],
    ['start', 'web-ui'],
    ['smoke', 'web-ui'],
    ['lint', undefined],
    ['legs', 'e2e-3.12'],
  ]);
});

test('a file that another job makes is told, unless the job makes it, git has it, or an artifact may carry it over', () => {
  const build = placed('build', 'build', 'mkdir -p dist\necho built > dist/app.txt');
  const check = placed('check', 'check', 'grep built dist/app.txt');
  const told = (steps: readonly MachineStep[], receives: readonly string[] = [], tracked = false): readonly string[] =>
    unsharedFiles(check, steps, { receives: new Set(receives), has: () => tracked });
  expect(told([build, check])).toEqual([
    'in CI job check has no dist/app.txt: job build makes it, and no artifact carries it over',
  ]);
  expect(told([build, placed('own', 'check', 'echo x > dist/app.txt'), check])).toEqual([]);
  expect(told([build, check], ['check'])).toEqual([]);
  expect(told([build, check], [], true)).toEqual([]);
  expect(unsharedFiles(build, [build, check], { receives: new Set(), has: () => false })).toEqual([]);
});
