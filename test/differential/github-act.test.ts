import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { JobRun } from './compare.ts';
import { actRuns } from './github/act-side.ts';
import {
  actRecordFile,
  actVersion,
  pipelines,
  readActRecord,
  workflowFile,
  type ActRecord,
} from './github/pipelines.ts';

// act runs every pipeline anew: what is recorded is what it prints. PARITY_DIFFERENTIAL_RECORD=yes writes the record.
const isRecording = process.env['PARITY_DIFFERENTIAL_RECORD'] === 'yes';
const made: Record<string, ActRecord['pipelines'][string]> = {};

test.each(pipelines().map((each) => [each.name, each] as const))('%s', async (name, { tree, digest }) => {
  const runs = await actRuns(tree, workflowFile);
  made[name] = { digest, runs };
  if (isRecording) return;
  // Jobs end in any order.
  const inOrder = (of: readonly JobRun[]): readonly string[] => of.map((run) => JSON.stringify(run)).toSorted();
  const record = readActRecord().pipelines[name];
  expect({ digest, runs: inOrder(runs) }).toEqual({ digest: record?.digest, runs: inOrder(record?.runs ?? []) });
});

test('the record is of the act that is pinned, and of these pipelines', () => {
  if (isRecording) return;
  const { act, pipelines: recorded } = readActRecord();
  expect({ act, names: Object.keys(recorded) }).toEqual({
    act: actVersion(),
    names: pipelines().map(({ name }) => name),
  });
});

afterAll(() => {
  if (isRecording) writeFileSync(actRecordFile, `${JSON.stringify({ act: actVersion(), pipelines: made }, null, 1)}\n`);
});
