import { existsSync, lstatSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { isEscapedPath, pathBytes, pathText } from '../../git/path-text.ts';
import { isGeneratedFolder } from '../walk-folder.ts';
import { notIgnored, type Placed } from './folders-not-ignored.ts';
import type { FolderWatchOptions, StartableWatch } from './folder-watch.ts';

/** Watches every folder of a tree by itself: inotify knows no trees. */
export class EachFolderWatch implements StartableWatch {
  readonly #options: FolderWatchOptions;
  /** By the folder, relative to the root. */
  readonly #watchers = new Map<string, FSWatcher>();
  /** Paths that were made, moved or replaced, and have not been looked at since. */
  readonly #renamed = new Set<string>();
  #git: FSWatcher | undefined;
  #isRefreshing = false;
  #isClosed = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  count(): number {
    return this.#watchers.size;
  }

  close(): void {
    this.#isClosed = true;
    this.#git?.close();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async start(): Promise<Failure | undefined> {
    const { gitDir, onChange } = this.#options;
    if (gitDir !== undefined) {
      try {
        const git = watch(gitDir, (_, name) => {
          if (name === 'HEAD' || name === 'index') onChange(undefined);
        });
        git.on('error', () => git.close());
        this.#git = git;
      } catch (error) {
        return limitOf(error, 0);
      }
    }
    return await this.#enterTrees([{ path: '', around: '', repository: '' }]);
  }

  /** Puts a watch on one folder; a folder that has gone by now has none. */
  #enter(folder: string): Failure | undefined {
    if (this.#isClosed || this.#watchers.has(folder)) return undefined;
    try {
      const watcher = watch(onDisk(this.#options.root, folder), { encoding: 'buffer' }, (type, name) => {
        const path = name === null ? folder : below(folder, pathText(name));
        if (type === 'rename' && name !== null) this.#refresh(path);
        this.#options.onChange(path);
      });
      watcher.on('error', () => this.#leave(folder));
      this.#watchers.set(folder, watcher);
      return undefined;
    } catch (error) {
      return limitOf(error, this.#watchers.size);
    }
  }

  #leave(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  /** Watches folders and all below them: each first, then what is in it, so that nothing comes in between. */
  async #enterTrees(folders: readonly Placed[]): Promise<Failure | undefined> {
    for (let level = folders; level.length > 0;) {
      if (this.#isClosed) return undefined;
      const entered: Placed[] = [];
      for (const folder of level) {
        const failed = this.#enter(folder.path);
        if (failed !== undefined) return failed;
        entered.push(...this.#subfolders(folder));
      }
      level = await notIgnored(this.#options, entered);
    }
    return undefined;
  }

  #subfolders({ path, repository }: Placed): readonly Placed[] {
    const entries = namesOfFolders(onDisk(this.#options.root, path));
    return entries
      .map((name) => this.#place(below(path, name), repository))
      .filter((folder) => this.#isWanted(folder.path));
  }

  #place(path: string, around: string): Placed {
    return { path, around, repository: existsSync(join(this.#options.root, path, '.git')) ? path : around };
  }

  #isWanted(path: string): boolean {
    const absolute = join(this.#options.root, path);
    return (
      !isGeneratedFolder(path.slice(path.lastIndexOf('/') + 1)) &&
      !this.#options.without.includes(absolute) &&
      !isVirtualEnv(absolute)
    );
  }

  /** What was made, moved or replaced: its folders are entered anew, for a watch stays with the folder that it was put on. */
  #refresh(path: string): void {
    this.#renamed.add(path);
    if (!this.#isRefreshing) void this.#refreshAll();
  }

  async #refreshAll(): Promise<void> {
    this.#isRefreshing = true;
    try {
      await this.#enterRenamed();
    } finally {
      this.#isRefreshing = false;
    }
  }

  async #enterRenamed(): Promise<void> {
    // More events of the same change come with it.
    await Promise.resolve();
    const { root, onChange, onLost } = this.#options;
    while (this.#renamed.size > 0 && !this.#isClosed) {
      const paths = [...this.#renamed];
      this.#renamed.clear();
      for (const path of paths) if (this.#watchers.has(path)) this.#leave(path);
      const made = paths
        .filter((path) => isFolder(onDisk(root, path)) && this.#isWanted(path))
        .map((path) => this.#place(path, this.#repositoryOf(path)));
      const failed = await this.#enterTrees(await notIgnored(this.#options, made));
      if (failed !== undefined) {
        this.close();
        onLost(failed);
        return;
      }
      // A snapshot that is taken from now on has what came into a folder before it was watched.
      if (made.length > 0) onChange(undefined);
    }
  }

  #repositoryOf(path: string): string {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder))
      if (existsSync(join(this.#options.root, folder, '.git'))) return folder;
    return '';
  }
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
