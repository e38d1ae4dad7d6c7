import { afterAll, beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { announcementsOf, compareRuns, figures, type Comparison } from './compare.ts';
import { placesOf } from './github/act-side.ts';
import { pipelines, readActRecord, workflowFile } from './github/pipelines.ts';
import { parityProject, type ParityProject } from './parity-side.ts';

// What act printed (test/differential/github-act.test.ts records it) is what parity prints, or the written file says where it is not.
const { address, engine, folder, references, test } = engineTest();
const recorded = readActRecord();
const compared = new Map<string, Comparison>();
// Not mended yet: these print other lines, and the written file does not say so. Nothing may join them.
const known: readonly string[] = [
  'add-mask',
  'artifacts',
  'checkout-path',
  'checkout-several',
  'env-expression-map',
  'env-file-append',
  'env-secret-like-names',
  'if-error-in-first',
  'if-job',
  'job-outputs-needs',
  'matrix-from-output',
  'matrix-leg-fails',
  'matrix-value-types',
  'needs-result',
  'no-checkout',
  'shell-custom-bash',
  'shell-node',
  'shell-sh',
  'step-summary',
  'working-tree-shared',
];
let project: ParityProject;

beforeAll(async () => {
  project = await parityProject(engine, folder('differential'), address);
  references.add(project.reference);
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
  const lost = comparison.differences.filter((line) => line.startsWith('!'));
  if (known.includes(name)) expect(lost, 'mended: take it off the list').not.toEqual([]);
  else expect(lost, told).toEqual([]);
});

afterAll(() => {
  process.stdout.write(`${figures([...compared.values()])} (${known.length} known)\n`);
});
