import { stampWorkTree, fileStamp } from '../work-tree-stamp.ts';
import type { FolderWatch } from './folder-watch.ts';

/** What is looked at again and again. */
export interface PollOptions {
  /** The repository's top level, absolute. */
  readonly root: string;
  /** Absolute paths of files that count whether git knows them or not. */
  readonly files: readonly string[];
  /** From the end of one look to the next, at least. */
  readonly everyMs: number;
  /** Something may have changed. */
  readonly onChange: (path: undefined) => void;
}

// A tree that takes long to look at is looked at less often: no more than a tenth of the time.
const share = 9;

/** Polls the tree where the system reports no changes: file systems without events, or with no watches left. */
export function pollTree({ root, files, everyMs, onChange }: PollOptions): FolderWatch {
  let last: string | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const begun = performance.now();
    const seen = await stampWorkTree(root);
    if (isClosed) return;
    const now = seen && [seen.text, ...files.map((file) => fileStamp(file) ?? '')].join('\n');
    // Where git has no answer for the tree, the receiver of the event has to take a snapshot.
    if (now === undefined || (last !== undefined && last !== now)) onChange(undefined);
    last = now;
    timer = setTimeout(() => void look(), Math.max(everyMs, share * (performance.now() - begun)));
  }

  void look();
  return {
    count: () => 0,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
