import type { FileMode } from '../file-state.ts';

/**
 * The conversation with the other side of a copy (images/supervisor/workspace.py), over stdin and stdout of a command that lives as long
 * as the run. A line of JSON, then `bytes` raw bytes where the frame has that member. Names that are not UTF-8 travel as git/path-name
 * has them, which is how Python has them too.
 *
 * To the engine: tree → differ → entries → need → (repository, pack …, repository-end | file | gone) …, end → done. Files are compared in
 * buckets (by the CRC-32 of their paths), each with a digest, so that a tree of 100,000 files in which nothing changed costs some kilobytes.
 * Back: collect → changes → look → made → want → file …, given → taken → settled.
 */
export type HostFrame =
  | {
      readonly type: 'tree';
      /** Digests of the buckets, of which there are as many. */
      readonly buckets: readonly string[];
      /** The project's folder, relative to the root; empty for the root. It stays, though it be empty. */
      readonly project: string;
      /** Folders in which other volumes lie, relative to the root: no part of the copy. */
      readonly volumes: readonly string[];
      readonly repositories: readonly {
        readonly path: string;
        readonly key: string;
        /** The folder from which it borrows its objects: then no pack is sent. */
        readonly objects?: string;
      }[];
      /** Nothing stays that is not sent, but for what a build has left in a tree: the folder that keeps it, and the build's key. */
      readonly clean?: { readonly left?: { readonly folder: string; readonly key: string } };
    }
  | {
      readonly type: 'entries';
      /** Of each file in the buckets that differ: path, mode, digest. */
      readonly entries: readonly (readonly [string, FileMode, string])[];
      /** Of what was asked about, what is not ignored: it is removed. */
      readonly strangers: readonly string[];
    }
  | { readonly type: 'repository'; readonly path: string; readonly config: string }
  | { readonly type: 'pack'; readonly path: string; readonly bytes: number }
  | {
      readonly type: 'repository-end';
      readonly path: string;
      readonly key: string;
      readonly index: string;
      readonly tips: readonly string[];
      /** Base64, by name. */
      readonly files: Readonly<Record<string, string>>;
    }
  /** `mtime` in milliseconds since 1970. */
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: FileMode;
      readonly mtime: number;
      readonly bytes: number;
    }
  | { readonly type: 'gone'; readonly path: string }
  | { readonly type: 'end' }
  | { readonly type: 'collect' }
  | { readonly type: 'look'; readonly paths: readonly string[] }
  | { readonly type: 'want'; readonly paths: readonly string[] }
  | {
      readonly type: 'taken';
      /** What the host has now as the copy has it: path and digest. */
      readonly files: readonly (readonly [string, string])[];
      /** What neither side has now. */
      readonly deleted: readonly string[];
      /** Not all was taken. */
      readonly left: boolean;
    };

/** What the other side sends. */
export type CopyFrame =
  /** `strangers`: what a run that was killed has left there (a folder's path ends in `/`); which of it is git-ignored, the host knows. */
  | { readonly type: 'differ'; readonly buckets: readonly number[]; readonly strangers: readonly string[] }
  | { readonly type: 'need'; readonly paths: readonly string[]; readonly repositories: readonly NeededRepository[] }
  | { readonly type: 'done'; readonly files: number; readonly bytes: number; readonly deleted: number }
  | {
      readonly type: 'changes';
      readonly changed: readonly ChangedFile[];
      /** Path, and how it was sent. */
      readonly deleted: readonly (readonly [string, FileMode, string])[];
      /** What nobody sent: a folder of nothing else ends in `/`. */
      readonly unknown: readonly string[];
    }
  /** `skipped`: folders that hold a repository which a step has made. */
  | { readonly type: 'made'; readonly files: readonly MadeFile[]; readonly skipped: readonly string[] }
  | { readonly type: 'file'; readonly path: string; readonly mode: FileMode; readonly bytes: number }
  | { readonly type: 'given' }
  | { readonly type: 'settled' }
  /** The last frame: the other side's own trouble. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** A repository that the copy has not as the host does, and the commits that it has. */
export interface NeededRepository {
  readonly path: string;
  readonly known: readonly string[];
  /** False: no git there, so nobody could read objects. */
  readonly git: boolean;
}

/** Path, mode, digest, size in bytes of a file that nobody sent. */
export type MadeFile = readonly [path: string, mode: FileMode, digest: string, bytes: number];

/** The same of a file that a step has changed, and how it was sent. */
export type ChangedFile = readonly [...MadeFile, sentMode: FileMode, sentDigest: string];

/** Where the objects of the host's repository are in a container whose copy borrows them. */
export const borrowedObjects = '/parity/objects';

/** Where a copy's memory lies in the container: a volume of its own, for nothing of it belongs in the work tree. */
export const copyStateDir = '/parity/copy';
