import { existsSync, lstatSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { join, sep } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { ignoredPaths } from '../../git/ignored-paths.ts';
import { isEscapedPath, pathBytes, pathText } from '../../git/path-text.ts';
import { isGeneratedFolder } from '../walk-folder.ts';

// Folders are watched, not files: 10,000 files in 100 folders take 100 watches and no time. Who hears of a change looks at the contents
// anyway, so that all an event has to say is that something may have changed.

/** A watched tree. */
export interface FolderWatch {
  /** How many folders are watched one by one; 1 where the system watches a whole tree. */
  readonly count: () => number;
  close(): void;
}

/** What is watched, and who hears of it. */
export interface FolderWatchOptions {
  /** Absolute and real. */
  readonly root: string;
  /** Absolute folders that are left out, whatever git says of them. */
  readonly without: readonly string[];
  /** True for a folder, relative to the root, that holds files which count: git may track what it ignores. */
  readonly holdsFiles: (folder: string) => boolean;
  /** A git folder, of which only HEAD and the index count; it may lie outside the root. */
  readonly gitDir?: string;
  /** Something may have changed there, relative to the root; undefined for anywhere. Called for each event as it comes. */
  readonly onChange: (path: string | undefined) => void;
  /** The system gives no more watches: nothing is heard from now on. */
  readonly onLost: (why: Failure) => void;
}

/**
 * Watches the folders of a tree that git does not ignore, new ones as they come; symbolic links are not followed. Err `io` when the system
 * does not give as many watches.
 */
export async function watchFolders(options: FolderWatchOptions): Promise<Result<FolderWatch>> {
  const tree = process.platform === 'linux' ? watchEachFolder(options) : watchRecursively(options);
  const failed = await tree.start();
  if (failed !== undefined) {
    tree.close();
    return err(failed);
  }
  return ok(tree);
}

interface StartableWatch extends FolderWatch {
  start(): Promise<Failure | undefined>;
}

/** inotify knows no trees. */
function watchEachFolder(options: FolderWatchOptions): StartableWatch {
  const { root, without, gitDir, onChange, onLost } = options;
  const watchers = new Map<string, FSWatcher>();
  const renamed = new Set<string>();
  let git: FSWatcher | undefined;
  let refreshing: Promise<void> | undefined;
  let isClosed = false;

  function close(): void {
    isClosed = true;
    git?.close();
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  }

  /** Puts a watch on one folder; a folder that has gone by now has none. */
  function enter(folder: string): Failure | undefined {
    if (isClosed || watchers.has(folder)) return undefined;
    try {
      const watcher = watch(onDisk(root, folder), { encoding: 'buffer' }, (type, name) => {
        const path = name === null ? folder : below(folder, pathText(name));
        if (type === 'rename' && name !== null) refresh(path);
        onChange(path);
      });
      watcher.on('error', () => leave(folder));
      watchers.set(folder, watcher);
      return undefined;
    } catch (error) {
      return limitOf(error, watchers.size);
    }
  }

  function leave(folder: string): void {
    for (const [path, watcher] of watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      watchers.delete(path);
    }
  }

  /** Watches folders and all below them: each first, then what is in it, so that nothing comes in between. */
  async function enterTrees(folders: readonly Placed[]): Promise<Failure | undefined> {
    for (let level = folders; level.length > 0;) {
      if (isClosed) return undefined;
      const entered: Placed[] = [];
      for (const folder of level) {
        const failed = enter(folder.path);
        if (failed !== undefined) return failed;
        entered.push(...subfolders(folder));
      }
      level = await notIgnored(options, entered);
    }
    return undefined;
  }

  function subfolders({ path, repository }: Placed): readonly Placed[] {
    const entries = namesOfFolders(onDisk(root, path));
    return entries.map((name) => place(below(path, name), repository)).filter((folder) => isWanted(folder.path));
  }

  function place(path: string, around: string): Placed {
    return { path, around, repository: existsSync(join(root, path, '.git')) ? path : around };
  }

  function isWanted(path: string): boolean {
    const absolute = join(root, path);
    return (
      !isGeneratedFolder(path.slice(path.lastIndexOf('/') + 1)) &&
      !without.includes(absolute) &&
      !isVirtualEnv(absolute)
    );
  }

  /** What was made, moved or replaced: its folders are entered anew, for a watch stays with the folder that it was put on. */
  function refresh(path: string): void {
    renamed.add(path);
    refreshing ??= refreshAll().finally(() => (refreshing = undefined));
  }

  async function refreshAll(): Promise<void> {
    // More of them come with it.
    await Promise.resolve();
    while (renamed.size > 0 && !isClosed) {
      const paths = [...renamed];
      renamed.clear();
      for (const path of paths) if (watchers.has(path)) leave(path);
      const made = paths
        .filter((path) => isFolder(onDisk(root, path)) && isWanted(path))
        .map((path) => place(path, repositoryOf(path)));
      const failed = await enterTrees(await notIgnored(options, made));
      if (failed !== undefined) {
        close();
        onLost(failed);
        return;
      }
      // What came into a folder before it was watched is seen by whoever looks from now on.
      if (made.length > 0) onChange(undefined);
    }
  }

  function repositoryOf(path: string): string {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder))
      if (existsSync(join(root, folder, '.git'))) return folder;
    return '';
  }

  return {
    count: () => watchers.size,
    close,
    async start() {
      if (gitDir !== undefined) {
        try {
          git = watch(gitDir, (_, name) => {
            if (name === 'HEAD' || name === 'index') onChange(undefined);
          });
          git.on('error', () => git?.close());
        } catch (error) {
          return limitOf(error, 0);
        }
      }
      return await enterTrees([{ path: '', around: '', repository: '' }]);
    },
  };
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

/** A folder, relative to the root, with the repository that it lies in and the one it is or lies in. */
interface Placed {
  readonly path: string;
  readonly around: string;
  readonly repository: string;
}

/** Those of the folders that git does not ignore; where it has no answer, all. */
async function notIgnored(
  { root, holdsFiles }: Pick<FolderWatchOptions, 'root' | 'holdsFiles'>,
  folders: readonly Placed[],
): Promise<readonly Placed[]> {
  const kept: Placed[] = [];
  for (const repository of new Set(folders.map(({ around }) => around))) {
    const own = folders.filter(({ around }) => around === repository);
    // A submodule is no folder of the repository around it, which says so and then answers nothing else.
    const asked = own.filter((folder) => folder.repository === repository);
    const name = ({ path }: Placed): string => (repository === '' ? path : path.slice(repository.length + 1));
    const ignored = await ignoredPaths(
      join(root, repository),
      asked.map((folder) => `${name(folder)}/`),
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

/** The failure when it is for want of watches; a folder that can't be watched for another reason is left alone. */
function limitOf(error: unknown, count: number): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EMFILE') return undefined;
  const setting = code === 'ENOSPC' ? 'max_user_watches=1048576' : 'max_user_instances=1024';
  const message = `this system lets you watch no more than the ${count} folders that are watched now`;
  return failure('io', code === 'ENOSPC' ? message : 'this system lets you watch nothing more', {
    next: `sudo sysctl fs.inotify.${setting}`,
  });
}

function onDisk(root: string, path: string): string | Buffer {
  const absolute = path === '' ? root : `${root}/${path}`;
  return isEscapedPath(absolute) ? pathBytes(absolute) : absolute;
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function namesOfFolders(folder: string | Buffer): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => pathText(entry.name));
  } catch {
    return [];
  }
}

function isFolder(path: string | Buffer): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function isVirtualEnv(folder: string): boolean {
  return existsSync(join(folder, 'pyvenv.cfg'));
}
