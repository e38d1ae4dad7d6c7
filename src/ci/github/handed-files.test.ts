import { expect, test } from 'vitest';
import { readGithubPipeline } from './read.ts';
import { takesFilesFrom } from './handed-files.ts';

/** The jobs whose files `tests` gets, of a workflow in which it waits for `package`, and that one has a step. */
function from(step: string, first = 'actions/download-artifact@v8'): readonly string[] {
  const text = `on: push
jobs:
  package:
    steps: [{ uses: ${step} }]
  tests:
    needs: package
    steps: [{ uses: ${first} }, { run: tox run --installpkg dist/*.whl }]
`;
  const { jobs } = readGithubPipeline({ path: 'ci.yml', text });
  const waiting = jobs.map((job) => ({ id: job.id, job, needs: job.id === 'tests' ? ['package'] : [] }));
  return takesFilesFrom('tests', waiting);
}

test('a job that downloads gets the files of those that upload, and of the action that builds and uploads a package', () => {
  expect(from('actions/upload-artifact@v7')).toEqual(['package']);
  expect(from('hynek/build-and-inspect-python-package@v2.18.0')).toEqual(['package']);
  expect(from('actions/checkout@v6')).toEqual([]);
  expect(from('hynek/build-and-inspect-python-package@v2', 'actions/checkout@v6')).toEqual([]);
});
