import { afterAll, beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { announcementsOf, compareRuns, figures, type Comparison } from './compare.ts';
import { featureTable } from './feature-table.ts';
import { placesOf } from './github/act-side.ts';
import { pipelines, readActRecord, workflowFile } from './github/pipelines.ts';
import { parityProject, type ParityProject } from './parity-side.ts';

// What act printed (test/differential/github-act.test.ts records it) is what parity prints, or the written file says where it is not.
const { address, engine, folder, references, test } = engineTest();
const recorded = readActRecord();
const compared = new Map<string, Comparison>();
const rows = featureTable('GitHub');
let project: ParityProject;

beforeAll(async () => {
  project = await parityProject(engine, folder('differential'), address);
  references.add(project.reference);
});

test('each row of the table in docs/ci.md names workflows that are here, and each workflow is in one', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => row.pipelines.length === 0)).toEqual([]);
  expect(rows.flatMap((row) => row.pipelines).sort()).toEqual(
    pipelines()
      .map(({ name }) => name)
      .sort(),
  );
});

test.for(pipelines())('$name', async ({ name, tree, digest }) => {
  const record = recorded.pipelines[name];
  expect(record?.digest, 'record anew: see github-act.test.ts').toBe(digest);
  const { written, runs, told } = await project.run(tree, workflowFile);
  const comparison = compareRuns({
    ci: record?.runs ?? [],
    parity: runs,
    announcements: announcementsOf(written),
    places: placesOf(tree[workflowFile] ?? ''),
    file: workflowFile,
  });
  compared.set(name, comparison);
  const row = rows.find((each) => each.pipelines.includes(name));
  const lost = comparison.differences.filter((line) => line.startsWith('!'));
  // A fault that is mended leaves its row; nothing else may become one.
  if (row?.kind === 'differs') expect(lost, 'it is mended: docs/ci.md says that it differs').not.toEqual([]);
  else expect(lost, told).toEqual([]);
  if (row?.kind === 'kept') expect(comparison.verdict, comparison.differences.join('\n')).toBe('equal');
});

afterAll(() => {
  process.stdout.write(`${figures([...compared.values()])} (each of them in docs/ci.md)\n`);
});
