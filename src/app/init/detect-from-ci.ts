import type { Config } from '../../config/config.ts';
import { decisionText, detectRepo } from '../../config/detect.ts';
import type { ProjectToDetect } from '../../config/load.ts';
import { importChecks } from './import-ci.ts';
import { leftOutLines } from './left-out-lines.ts';
import type { RepositoryReader } from './repository-reader.ts';

/** What a project's CI checks its code with, as a config; undefined where CI has no job that does. */
export async function detectFromCi(project: ProjectToDetect, reader: RepositoryReader): Promise<Config | undefined> {
  const { dir, files, repo } = project;
  const target = { dir, files, repo, detected: detectRepo(repo) };
  const imported = await importChecks(target, reader);
  if (imported === undefined) return undefined;
  return {
    ...imported.config,
    source: {
      kind: 'detected',
      notes: imported.decisions.map(decisionText),
      ci: {
        files: imported.files,
        jobs: imported.jobs.map(({ id }) => id),
        leftOut: leftOutLines(imported),
      },
    },
  };
}
