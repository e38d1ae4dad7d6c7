import { pathBytes } from '../git/path-name.ts';

/** How git would keep a file: plain, executable, or a symbolic link. */
export type FileMode = '100644' | '100755' | '120000';

/** One file of a workspace. */
export interface FileState {
  /** Relative to the workspace's root, `/` between; a name that is not UTF-8 as git/path-name has it. */
  readonly path: string;
  readonly mode: FileMode;
  /** SHA-256 of the bytes, or of a symbolic link's target text: 64 hex digits; `unreadable` for what this user may not read. */
  readonly digest: string;
}

/** Files in the byte order of their paths, each path once. */
export function inPathOrder(files: readonly FileState[]): readonly FileState[] {
  // UTF-16 and UTF-8 order differ only where there are surrogates.
  const simple = files.every(({ path }) => !/[\uD800-\uFFFF]/.test(path));
  const sorted = [...files].sort(
    simple
      ? (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
      : (a, b) => Buffer.compare(pathBytes(a.path), pathBytes(b.path)),
  );
  return sorted.filter(({ path }, index) => path !== sorted[index - 1]?.path);
}
