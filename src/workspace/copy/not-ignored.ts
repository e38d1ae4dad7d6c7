import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../core/failure.ts';
import { ignoredPaths } from '../../git/ignored-paths.ts';
import { isGeneratedFolder } from '../walk-folder.ts';
import { LinkLost } from './copy-link.ts';

/**
 * Those of the paths that are files of the workspace's (see contents): not ignored by the git repository that they lie in, or, without git,
 * neither of a folder that tools make for themselves nor named by a .gitignore. A folder's path ends in `/`; it need not exist. Throws
 * LinkLost when git refuses to answer.
 */
export async function notIgnored(
  hostRoot: string,
  repositories: readonly string[],
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const ofRepository = new Map<string | undefined, string[]>();
  for (const path of paths) {
    const repository = repositories.findLast((folder) => folder === '' || path.startsWith(`${folder}/`));
    const group = ofRepository.get(repository);
    if (group === undefined) ofRepository.set(repository, [path]);
    else group.push(path);
  }
  const ignored = new Set<string>();
  for (const [repository, group] of ofRepository) {
    if (repository === undefined) {
      for (const path of await ignoredWithoutGit(hostRoot, group)) ignored.add(path);
      continue;
    }
    const prefix = repository === '' ? '' : `${repository}/`;
    const found = await ignoredPaths(
      join(hostRoot, repository),
      group.map((path) => path.slice(prefix.length)),
    );
    if (!found.ok) throw new LinkLost(failure('repository-invalid', found.error.message));
    for (const path of found.value) ignored.add(`${prefix}${path}`);
  }
  return paths.filter((path) => !ignored.has(path));
}

async function ignoredWithoutGit(hostRoot: string, paths: readonly string[]): Promise<readonly string[]> {
  const { default: ignore } = await import('ignore');
  const rulesOf = new Map<string, ReturnType<typeof ignore> | undefined>();
  const rules = (folder: string): ReturnType<typeof ignore> | undefined => {
    if (!rulesOf.has(folder)) {
      const file = join(hostRoot, folder, '.gitignore');
      rulesOf.set(folder, existsSync(file) ? ignore().add(readFileSync(file, 'utf8')) : undefined);
    }
    return rulesOf.get(folder);
  };
  return paths.filter((path) => {
    const parts = path.replace(/\/$/, '').split('/');
    const folders = path.endsWith('/') ? parts : parts.slice(0, -1);
    if (folders.some(isGeneratedFolder)) return true;
    return parts.some((_, depth) => {
      const folder = parts.slice(0, depth).join('/');
      return rules(folder)?.ignores(path.slice(folder === '' ? 0 : folder.length + 1)) === true;
    });
  });
}
