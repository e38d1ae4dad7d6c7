import { expect, test } from 'vitest';
import { consistentInstalls } from './contradictions.ts';
import type { PlacedInstall } from './install.ts';
import { readInstall } from './install.ts';
import { shellCommands } from '../../formats/shell.ts';

const files: Readonly<Record<string, string>> = {
  'api/requirements.txt': '# pins\npydantic==1.10.0\nattrs==24.1.0\n',
  'worker/requirements.txt': '-r base.txt\n',
  'worker/base.txt': 'pydantic==2.9.0 # newer\nattrs==24.1.0\n',
  'requirements.txt': 'pydantic==2.9.0\n',
};

function installs(...jobs: readonly (readonly [job: string, command: string])[]): readonly PlacedInstall[] {
  return jobs.flatMap(([job, script], index) =>
    shellCommands(script).map((command) => ({
      job,
      install: readInstall(command, '.'),
      place: { file: 'ci.yml', span: { line: index + 1, column: 1, endLine: index + 1, endColumn: 1 } },
    })),
  );
}

const consistent = (...jobs: readonly (readonly [string, string])[]): ReturnType<typeof consistentInstalls> =>
  consistentInstalls(installs(...jobs), (path) => files[path]);

test('two folders that pin one package differently: both places, and a parity.yaml for each', () => {
  const { decisions } = consistent(
    ['api', 'pip install -r api/requirements.txt'],
    ['worker', 'pip install -r worker/requirements.txt'],
  );
  expect(decisions.map(({ subject, severity, why }) => `${severity} ${subject}: ${why}`)).toEqual([
    "warning pydantic: api/requirements.txt:2 pins 1.10.0 (job api), worker/base.txt:1 pins 2.9.0 (job worker); one environment can't have both: give each folder a parity.yaml of its own (parity init --cwd api, parity init --cwd worker)",
  ]);
});

test('one job that installs both is its own affair, and so is a folder that holds the other', () => {
  const both = 'pip install -r api/requirements.txt -r worker/requirements.txt';
  expect(consistent(['api', both]).decisions).toEqual([]);
  const { decisions } = consistent(
    ['a', 'pip install -r api/requirements.txt'],
    ['b', 'pip install -r requirements.txt'],
  );
  expect(decisions[0]?.why).toContain('keep the steps and requirements of one of the jobs');
});

test('what a later job installs by hand gives way to what an earlier one pins, and that is said', () => {
  const { installs: kept, leftOut } = consistent(
    ['tests', 'pip install -r requirements.txt'],
    ['old', 'pip install -U "pydantic<2" attrs'],
  );
  expect(kept.map(({ install }) => install.tools)).toEqual([[], ['attrs']]);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    'install of pydantic<2 of job old: an environment has one pydantic: requirements.txt:1 pins 2.9.0 for job tests',
  ]);
  const same = consistent(['tests', 'pip install -r requirements.txt && pip install "pydantic<2"']);
  expect(same.installs.flatMap(({ install }) => install.tools)).toEqual(['pydantic<2']);
});
