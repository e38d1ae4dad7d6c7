import { watch, type FSWatcher } from 'node:fs';
import { join, sep } from 'node:path';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { isGeneratedFolder } from '../walk-folder.ts';
import { EachFolderWatch } from './each-folder-watch.ts';
import type { FolderWatch, FolderWatchOptions, StartableWatch } from './folder-watch.ts';

// Folders are watched, not files: 10,000 files in 100 folders take 100 watches and no time. Whoever is told of a change takes a new snapshot
// of the contents anyway, so an event has to say no more than that something may have changed.

/**
 * Watches the folders of a tree that git does not ignore, new ones as they come; symbolic links are not followed. Err `io` when the system
 * does not give as many watches.
 */
export async function watchFolders(options: FolderWatchOptions): Promise<Result<FolderWatch>> {
  const tree = process.platform === 'linux' ? new EachFolderWatch(options) : watchRecursively(options);
  const failed = await tree.start();
  if (failed !== undefined) {
    tree.close();
    return err(failed);
  }
  return ok(tree);
}

/** macOS and Windows watch a tree at the cost of one folder. */
function watchRecursively({ root, without, gitDir, onChange, onLost }: FolderWatchOptions): StartableWatch {
  const watchers: FSWatcher[] = [];
  const isWanted = (path: string): boolean => {
    const absolute = join(root, path);
    if (without.some((folder) => absolute === folder || absolute.startsWith(folder + sep))) return false;
    return !path.split('/').some(isGeneratedFolder);
  };
  return {
    count: () => 1,
    close() {
      for (const watcher of watchers) watcher.close();
    },
    async start() {
      try {
        const tree = watch(root, { recursive: true }, (_, name) => {
          const path = name?.split(sep).join('/');
          if (path === undefined || isWanted(path)) onChange(path);
        });
        tree.on('error', (error) => onLost(failure('io', `${root} is watched no more`, { detail: error.message })));
        watchers.push(tree);
        if (gitDir !== undefined)
          watchers.push(
            watch(gitDir, (_, name) => (name === 'HEAD' || name === 'index' ? onChange(undefined) : undefined)),
          );
        return undefined;
      } catch (error) {
        return failure('io', `${root} can not be watched`, { detail: String(error) });
      }
    },
  };
}
