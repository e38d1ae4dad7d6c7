import type { Failure } from '../../core/failure.ts';

/** A watched tree. */
export interface FolderWatch {
  /** How many folders are watched one by one; 1 where the system watches a whole tree. */
  readonly count: () => number;
  close(): void;
}

/** What is watched, and what is called back. */
export interface FolderWatchOptions {
  /** Absolute and real. */
  readonly root: string;
  /** Absolute folders that are left out, whatever git says of them. */
  readonly without: readonly string[];
  /** True for a folder, relative to the root, that holds files which count although git ignores it: git may track what it ignores. */
  readonly holdsFiles: (folder: string) => boolean;
  /** A git folder, of which only HEAD and the index count; it may lie outside the root. */
  readonly gitDir?: string;
  /** Something may have changed there, relative to the root; undefined for anywhere. Called for each event as it comes. */
  readonly onChange: (path: string | undefined) => void;
  /** The system gives no more watches: no event comes from now on. */
  readonly onLost: (why: Failure) => void;
}

/** A watch before its start. */
export interface StartableWatch extends FolderWatch {
  /** Begins to watch; gives what kept it from that, undefined when nothing did. */
  start(): Promise<Failure | undefined>;
}
