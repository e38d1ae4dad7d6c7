import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPipelines, type Pipeline, type RecordedRuns } from '../pipelines.ts';

const dir = fileURLToPath(new URL('pipelines', import.meta.url));
const recordFile = fileURLToPath(new URL('recorded.json', import.meta.url));

/** Where each pipeline's workflow stands in its repository. */
export const workflowFile = '.github/workflows/ci.yml';

/** All pipelines: `NAME.yml` is a workflow alone, `NAME/` a repository whose `ci.yml` is the workflow. */
export function pipelines(): readonly Pipeline[] {
  return readPipelines(dir, workflowFile, (path) => (path === 'ci.yml' ? workflowFile : path));
}

/** What act printed of each pipeline when it was recorded. */
export interface ActRecord {
  /** act's version, as scripts/ci-tools.sh pins it. */
  readonly act: string;
  readonly pipelines: RecordedRuns;
}

/** Reads the committed record. */
export function readActRecord(): ActRecord {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as ActRecord;
}

/** Where the record is written to. */
export const actRecordFile = recordFile;

/** The version of act that scripts/ci-tools.sh pins. */
export function actVersion(): string {
  const script = readFileSync(fileURLToPath(new URL('../../../scripts/ci-tools.sh', import.meta.url)), 'utf8');
  return /^act=(.+)$/m.exec(script)?.[1] ?? '';
}
