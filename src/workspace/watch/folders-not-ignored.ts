import { join } from 'node:path';
import { ignoredPaths } from '../../git/ignored-paths.ts';
import type { FolderWatchOptions } from './folder-watch.ts';

/** A folder, relative to the root, with the repository that it lies in and the one it is or lies in. */
export interface Placed {
  readonly path: string;
  readonly around: string;
  readonly repository: string;
}

/** Those of the folders that git does not ignore; where it has no answer, all. */
export async function notIgnored(
  { root, holdsFiles }: Pick<FolderWatchOptions, 'root' | 'holdsFiles'>,
  folders: readonly Placed[],
): Promise<readonly Placed[]> {
  const kept: Placed[] = [];
  for (const repository of new Set(folders.map(({ around }) => around))) {
    const own = folders.filter(({ around }) => around === repository);
    // A submodule is no folder of the repository around it, which says so and then answers nothing else.
    const inRepository = own.filter((folder) => folder.repository === repository);
    const name = ({ path }: Placed): string => (repository === '' ? path : path.slice(repository.length + 1));
    const ignored = await ignoredPaths(
      join(root, repository),
      inRepository.map((folder) => `${name(folder)}/`),
    );
    for (const folder of own) {
      if (holdsFiles(folder.path)) {
        kept.push(folder);
        continue;
      }
      const nested = folder.repository !== repository;
      const alone = nested ? await ignoredPaths(join(root, repository), [name(folder)]) : ignored;
      if (!alone.ok || !alone.value.has(nested ? name(folder) : `${name(folder)}/`)) kept.push(folder);
    }
  }
  return kept;
}
