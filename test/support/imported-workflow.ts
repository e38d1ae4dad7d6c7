import { detectRepo } from '../../src/config/detect.ts';
import { readRepo } from '../../src/config/detect/repo.ts';
import { decideGithub } from '../../src/ci/github/decide.ts';
import { readGithubPipeline } from '../../src/ci/github/read.ts';
import { importPipelines, type Imported } from '../../src/ci/import/import-pipelines.ts';
import { folderOf } from './repo.ts';

/** What a test says of the repository besides its files' texts. */
export interface WorkflowRepository {
  /** What is detected by its layout; by default, what its files show. */
  readonly detected?: ReturnType<typeof detectRepo>;
  /** Whether a path is there; by default, whether it is one of the files. */
  readonly has?: (path: string) => boolean;
  /** The files that git knows; all by default. */
  readonly known?: readonly string[];
}

/** A layout that shows nothing: all comes from the workflow. */
export const nothingDetected = detectRepo({ files: [], has: () => false, text: () => undefined });

/** A GitHub workflow of a repository with these files, imported with all its jobs for Python 3.11 and Node 24. */
export function importedWorkflow(
  text: string,
  files: Readonly<Record<string, string>>,
  repository: WorkflowRepository = {},
): Imported {
  const { detected = detectRepo(readRepo(folderOf(files), Object.keys(files))) } = repository;
  const { has = (path) => path in files, known = Object.keys(files) } = repository;
  const readText = (path: string): string | undefined => files[path];
  return importPipelines({
    pipelines: [
      decideGithub(readGithubPipeline({ path: 'ci.yml', text }), { wantedPython: '3.11', wantedNode: '24', readText }),
    ],
    system: 'github',
    jobs: 'all',
    wanted: { python: { version: '3.11' }, node: { version: '24' } },
    isEverywhere: () => true,
    detected,
    prefix: '.',
    readText,
    has,
    files: known,
  });
}
