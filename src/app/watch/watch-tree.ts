import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { posix } from 'node:path';
import { cacheDir } from '../../core/paths.ts';
import type { EmitEvent } from '../../pipeline/events.ts';
import { ignoredPaths } from '../../git/ignored-paths.ts';
import type { FolderWatch } from '../../workspace/watch/folder-watch.ts';
import { watchFolders } from '../../workspace/watch/watch-folders.ts';
import { pollTree } from '../../workspace/watch/poll-tree.ts';
import { createDebounce, realClock } from './debounce.ts';
import type { Snapshot } from './snapshot.ts';

/** A tree to watch, and what is called when something in it may have changed. */
export interface WatchTreeOptions {
  readonly root: string;
  /** The git folder of the root's work tree; absent without git. */
  readonly gitDir: string | undefined;
  /** Absolute paths of files that count whether git knows them or not. */
  readonly files: readonly string[];
  /** What is there. */
  readonly first: Snapshot;
  readonly env: NodeJS.ProcessEnv;
  readonly emit: EmitEvent;
  /** A burst of changes is over. */
  readonly onChange: () => void;
}

// Editors write aside, rename, set modes: all of it is over in less.
const quietMs = 60;
const atMostMs = 1000;
const busyAtMostMs = 30_000;
const pollMs = 1000;
// Git is asked which of them it ignores; more are a build or a branch.
const askedAtMost = 100;

/** Watches a tree by the system's events, or polls it where the system gives none (`PARITY_WATCH_POLL=MS`). */
export async function watchTree(options: WatchTreeOptions): Promise<{ close(): void }> {
  const { root, gitDir, files, first, env, emit, onChange } = options;
  const paths = new Set<string>();
  let isAnywhere = false;
  const lock = gitDir === undefined ? undefined : join(gitDir, 'index.lock');
  const debounce = createDebounce({
    quietMs,
    atMostMs,
    busyAtMostMs,
    isBusy: () => lock !== undefined && existsSync(lock),
    clock: realClock,
    fire: () => void settle(),
  });
  const touch = (path: string | undefined): void => {
    if (path === undefined) isAnywhere = true;
    else if (!isAnywhere) paths.add(path);
    debounce.touch();
  };
  const counted = new Set(files.map((file) => relative(root, file).split(sep).join('/')));

  async function settle(): Promise<void> {
    const asked = [...paths];
    const all = isAnywhere || asked.length > askedAtMost || asked.some((path) => counted.has(path));
    isAnywhere = false;
    paths.clear();
    // A log that git ignores may grow all the time.
    const ignored = all ? undefined : await ignoredPaths(root, asked);
    if (ignored?.ok === true && asked.every((path) => ignored.value.has(path))) return;
    onChange();
  }

  let tree: FolderWatch | undefined;
  let isClosed = false;
  const asked = Number(env['PARITY_WATCH_POLL'] ?? 0);
  const poll = (everyMs: number): void => {
    if (!isClosed) tree = pollTree({ root, files, everyMs, onChange: touch });
  };
  if (asked > 0) poll(asked);
  else {
    const folders = new Set([...first.keys()].flatMap(foldersOf));
    const watched = await watchFolders({
      root,
      ...(gitDir === undefined ? {} : { gitDir }),
      without: [join(root, '.git'), cacheDir(env)],
      holdsFiles: (folder) => folders.has(folder),
      onChange: touch,
      onLost: ({ message, next = '' }) => {
        tellPolling(message, next);
        poll(pollMs);
        touch(undefined);
      },
    });
    if (watched.ok) tree = watched.value;
    else {
      tellPolling(watched.error.message, watched.error.next ?? '');
      poll(pollMs);
    }
  }
  return {
    close() {
      isClosed = true;
      debounce.stop();
      tree?.close();
    },
  };

  function tellPolling(message: string, next: string): void {
    const hint = `to hear of changes at once: ${next}`;
    emit({ type: 'note', severity: 'warning', message: `${message}: looking every second instead`, hint });
  }
}

function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) folders.push(folder);
  return folders;
}
