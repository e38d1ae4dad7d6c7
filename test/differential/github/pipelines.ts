import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../../src/core/digest.ts';
import type { Tree } from '../../support/repo.ts';
import type { JobRun } from '../compare.ts';

const dir = fileURLToPath(new URL('pipelines', import.meta.url));
const recordFile = fileURLToPath(new URL('recorded.json', import.meta.url));

/** Where each pipeline's workflow stands in its repository. */
export const workflowFile = '.github/workflows/ci.yml';

/** A repository with a workflow, written to show one feature. */
export interface Pipeline {
  readonly name: string;
  readonly tree: Tree;
  /** Of its files: a record is of these. */
  readonly digest: string;
}

/** All pipelines: `NAME.yml` is a workflow alone, `NAME/` a repository whose `ci.yml` is the workflow. */
export function pipelines(): readonly Pipeline[] {
  return readdirSync(dir)
    .sort()
    .map((entry) => {
      const path = join(dir, entry);
      const tree = statSync(path).isDirectory()
        ? Object.fromEntries(filesOf(path).map((file) => [treePath(path, file), readFileSync(file, 'utf8')]))
        : { [workflowFile]: readFileSync(path, 'utf8') };
      return { name: basename(entry, '.yml'), tree, digest: sha256(JSON.stringify(Object.entries(tree))) };
    });
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** `ci.yml` at the top is the workflow; all else stands where it stands. */
function treePath(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join('/');
  return path === 'ci.yml' ? workflowFile : path;
}

/** What act printed of each pipeline when it was recorded. */
export interface ActRecord {
  /** act's version, as scripts/ci-tools.sh pins it. */
  readonly act: string;
  readonly pipelines: Readonly<Record<string, { readonly digest: string; readonly runs: readonly JobRun[] }>>;
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
