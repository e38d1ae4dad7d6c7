import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../../src/core/digest.ts';
import type { Tree } from '../../support/repo.ts';
import type { JobRun } from '../compare.ts';

const dir = fileURLToPath(new URL('pipelines', import.meta.url));
const recordFile = fileURLToPath(new URL('recorded.json', import.meta.url));
const lockFile = fileURLToPath(new URL('../../fixtures/ci-tools/package-lock.json', import.meta.url));

/** The file that GitLab reads. */
export const pipelineFile = '.gitlab-ci.yml';

/** A repository with a pipeline, written to show one feature. */
export interface Pipeline {
  readonly name: string;
  readonly tree: Tree;
  /** Of its files: a record is of these. */
  readonly digest: string;
}

/** All pipelines: `NAME.yml` is a pipeline alone, `NAME/` a repository. */
export function pipelines(): readonly Pipeline[] {
  return readdirSync(dir)
    .sort()
    .map((entry) => {
      const path = join(dir, entry);
      const tree = statSync(path).isDirectory()
        ? Object.fromEntries(
            filesOf(path).map((file) => [relative(path, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
          )
        : { [pipelineFile]: readFileSync(path, 'utf8') };
      return { name: basename(entry, '.yml'), tree, digest: sha256(JSON.stringify(Object.entries(tree))) };
    });
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What gitlab-ci-local printed of each pipeline when it was recorded. */
export interface LocalRecord {
  readonly version: string;
  readonly pipelines: Readonly<Record<string, { readonly digest: string; readonly runs: readonly JobRun[] }>>;
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
