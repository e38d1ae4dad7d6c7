import { afterAll, beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { git } from '../support/environment.ts';
import { announcementsOf, compareRuns, figures, type Comparison } from './compare.ts';
import { featureTable } from './feature-table.ts';
import { documented } from './gitlab/documented.ts';
import { branch, placesOf } from './gitlab/local-side.ts';
import { pipelineFile, pipelines, readLocalRecord } from './gitlab/pipelines.ts';
import { parityProject, type ParityProject } from './parity-side.ts';

// What gitlab-ci-local printed (gitlab-local.test.ts records it), or what GitLab documents where that differs, is what parity prints, or the
// written file says where it is not.
const { address, engine, folder, references, test } = engineTest();
const recorded = readLocalRecord();
const compared = new Map<string, Comparison>();
let project: ParityProject;

beforeAll(async () => {
  project = await parityProject(engine, folder('differential'), address);
  references.add(project.reference);
  git(project.dir, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`);
});

const rows = featureTable('GitLab');

test('each row of the table in docs/ci.md names pipelines that are here, and each pipeline is in one', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => row.pipelines.length === 0)).toEqual([]);
  expect([...new Set(rows.flatMap((row) => row.pipelines))].sort()).toEqual(
    pipelines()
      .map(({ name }) => name)
      .sort(),
  );
});

test.for(pipelines())('$name', async ({ name, tree, digest }) => {
  const record = recorded.pipelines[name];
  expect(record?.digest, 'record anew: see gitlab-local.test.ts').toBe(digest);
  const { written, runs, told } = await project.run(tree, pipelineFile);
  const right = documented[name]?.runs ?? [];
  const comparison = compareRuns({
    ci: [...(record?.runs ?? []).filter(({ job }) => !right.some((each) => each.job === job)), ...right],
    parity: runs,
    announcements: announcementsOf(written),
    places: placesOf(tree[pipelineFile] ?? ''),
    file: pipelineFile,
  });
  compared.set(name, comparison);
  expect(
    comparison.differences.filter((line) => line.startsWith('!')),
    told,
  ).toEqual([]);
  // What is kept must not become something that is only announced.
  const isKept = rows.every((row) => !row.pipelines.includes(name) || row.kind === 'kept');
  expect(comparison.verdict, comparison.differences.join('\n')).toBe(isKept ? 'equal' : 'announced');
});

afterAll(() => {
  const wrong = `${Object.keys(documented).length} by GitLab's documentation, which gitlab-ci-local does not follow there`;
  process.stdout.write(`GitLab: ${figures([...compared.values()])}; ${wrong}\n`);
});
