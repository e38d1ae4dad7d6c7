import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPipelines, type Pipeline, type RecordedRuns } from '../pipelines.ts';

const dir = fileURLToPath(new URL('pipelines', import.meta.url));
const recordFile = fileURLToPath(new URL('recorded.json', import.meta.url));
const lockFile = fileURLToPath(new URL('../../fixtures/ci-tools/package-lock.json', import.meta.url));

/** The file that GitLab reads. */
export const pipelineFile = '.gitlab-ci.yml';

/** All pipelines: `NAME.yml` is a pipeline alone, `NAME/` a repository. */
export function pipelines(): readonly Pipeline[] {
  return readPipelines(dir, pipelineFile);
}

/** What gitlab-ci-local printed of each pipeline when it was recorded. */
export interface LocalRecord {
  readonly version: string;
  readonly pipelines: RecordedRuns;
}

/** Reads the committed record; throws when it is none. */
export function readLocalRecord(): LocalRecord {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as LocalRecord;
}

/** Where the record is written to. */
export const localRecordFile = recordFile;

/** The version of gitlab-ci-local that tests install. */
export function localVersion(): string {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  return packages['node_modules/gitlab-ci-local']?.version ?? '';
}
