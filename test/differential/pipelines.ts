import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { sha256 } from '../../src/core/digest.ts';
import type { Tree } from '../support/repo.ts';
import type { JobRun } from './compare.ts';

/** A repository with a CI file, written to show one feature. */
export interface Pipeline {
  readonly name: string;
  readonly tree: Tree;
  /** Of its files: a record is of these. */
  readonly digest: string;
}

/** What a CI system's runner printed of each pipeline when it was recorded, by its name. */
export type RecordedRuns = Readonly<Record<string, { readonly digest: string; readonly runs: readonly JobRun[] }>>;

/**
 * All pipelines of a folder: `NAME.yml` is a CI file alone, which stands at `ciFile` in its repository; `NAME/` is a repository, whose files
 * stand where `placed` says.
 */
export function readPipelines(
  dir: string,
  ciFile: string,
  placed: (path: string) => string = (path) => path,
): readonly Pipeline[] {
  return readdirSync(dir)
    .sort()
    .map((entry) => {
      const path = join(dir, entry);
      const tree = statSync(path).isDirectory()
        ? Object.fromEntries(
            filesOf(path).map((file) => [
              placed(relative(path, file).split(sep).join('/')),
              readFileSync(file, 'utf8'),
            ]),
          )
        : { [ciFile]: readFileSync(path, 'utf8') };
      return { name: basename(entry, '.yml'), tree, digest: sha256(JSON.stringify(Object.entries(tree))) };
    });
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
