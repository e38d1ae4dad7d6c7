import { expect, test } from 'vitest';
import type { DecidedJob } from './decided-pipeline.ts';
import { wantedVersion, type VersionFacts } from './wanted-versions.ts';

const place = { file: 'ci.yml', span: { line: 1, column: 1, endLine: 1, endColumn: 1 } };

function job(id: string, ...python: readonly string[]): DecidedJob {
  return { id, place, offers: { python, node: [] }, services: [], steps: [], needs: [] };
}

const facts: VersionFacts = {
  detected: '3.11',
  isNamed: false,
  admits: () => true,
  isEverywhere: (version) => ['3.9', '3.11', '3.13'].includes(version),
};

test.each<[string, readonly DecidedJob[], Partial<VersionFacts>, string]>([
  ['no job says any: as detected', [job('a')], {}, '3.11'],
  ['the one that CI has', [job('a', '3.12')], {}, '3.12'],
  [
    'what a version file names, where a job has it',
    [job('a', '3.11', '3.12')],
    { detected: '3.12', isNamed: true },
    '3.12',
  ],
  ['what CI has, where no job has what a file names', [job('a', '3.13')], { detected: '3.12', isNamed: true }, '3.13'],
  ['one that every base has', [job('a', '3.12', '3.13', '3.14')], {}, '3.13'],
  ['of those, the one that most jobs have', [job('a', '3.11', '3.13'), job('lint', '3.13')], {}, '3.13'],
  ['else the one that most jobs have', [job('a', '3.10', '3.12', '3.14'), job('lint', '3.14')], {}, '3.14'],
  ['none that the repository refuses', [job('a', '3.11', '3.12')], { admits: (v) => v !== '3.11' }, '3.12'],
  ['unless it refuses all', [job('a', '3.8')], { admits: () => false }, '3.8'],
])('%s', (_, jobs, more, version) => {
  expect(wantedVersion(jobs, 'python', { ...facts, ...more }).version).toBe(version);
});

test('a choice among several is said', () => {
  const jobs = [job('tests', '3.13', '3.9', '3.10'), job('lint', '3.13')];
  expect(wantedVersion(jobs, 'python', facts).why).toBe('CI has 3.9, 3.10, 3.13: jobs tests, lint have this one');
  expect(wantedVersion([job('a', '3.13')], 'python', facts).why).toBeUndefined();
});
