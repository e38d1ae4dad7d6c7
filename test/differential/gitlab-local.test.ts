import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { localRuns } from './gitlab/local-side.ts';
import { localRecordFile, localVersion, pipelines, readLocalRecord, type LocalRecord } from './gitlab/pipelines.ts';

// gitlab-ci-local runs every pipeline anew: what is recorded is what it prints. PARITY_DIFFERENTIAL_RECORD=yes writes the record.
const isRecording = process.env['PARITY_DIFFERENTIAL_RECORD'] === 'yes';
const made: Record<string, LocalRecord['pipelines'][string]> = {};

test.each(pipelines().map((each) => [each.name, each] as const))('%s', async (name, { tree, digest }) => {
  const runs = await localRuns(tree);
  made[name] = { digest, runs };
  if (!isRecording) expect({ digest, runs }).toEqual(readLocalRecord().pipelines[name]);
});

test('the record is of the gitlab-ci-local that is pinned, and of these pipelines', () => {
  if (isRecording) return;
  const { version, pipelines: recorded } = readLocalRecord();
  expect({ version, names: Object.keys(recorded) }).toEqual({
    version: localVersion(),
    names: pipelines()
      .map(({ name }) => name)
      .sort(),
  });
});

afterAll(() => {
  if (isRecording)
    writeFileSync(localRecordFile, `${JSON.stringify({ version: localVersion(), pipelines: made }, null, 1)}\n`);
});
