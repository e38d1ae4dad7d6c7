import { access, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { gitTopLevel } from '../git/git.ts';
import type { RepositoryFacts } from './settings.ts';

/** A repository that gets a CI file. */
export interface CiRepository {
  /** Absolute path of the work tree's top, where CI systems look for their files. */
  readonly top: string;
  readonly facts: RepositoryFacts;
}

/** Looks at the repository of a project; without git, the project's folder is taken for its top. Err when git refuses to say. */
export async function readCiRepository(projectDir: string): Promise<Result<CiRepository>> {
  const found = await gitTopLevel(projectDir);
  if (!found.ok && found.error.reason === 'git-refused') {
    const { message, next } = found.error;
    return err(failure('repository-invalid', message, next === undefined ? {} : { next }));
  }
  const top = found.ok ? found.value : projectDir;
  const project = relative(top, projectDir).split(sep).join('/') || '.';
  const [packageJson, packageLock, submodules, attributes] = await Promise.all([
    textOf(join(projectDir, 'package.json')),
    isThere(join(projectDir, 'package-lock.json')),
    isThere(join(top, '.gitmodules')),
    textOf(join(top, '.gitattributes')),
  ]);
  const lfs = /^[^#\n].*\bfilter=lfs\b/m.test(attributes ?? '');
  return ok({
    top,
    facts: { project, packageLock, submodules, lfs, ...(packageJson === undefined ? {} : { packageJson }) },
  });
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
