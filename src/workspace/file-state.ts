import { compareBytes } from '../core/digest.ts';
import { isEscapedPath, pathBytes } from '../git/path-text.ts';

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
export function inPathOrder<T extends Pick<FileState, 'path'>>(files: readonly T[]): readonly T[] {
  // UTF-16 and UTF-8 order differ only where there are surrogates.
  const simple = files.every(({ path }) => !/[\uD800-\uFFFF]/.test(path));
  const sorted = [...files].sort(
    simple
      ? (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
      : (a, b) => Buffer.compare(pathBytes(a.path), pathBytes(b.path)),
  );
  return sorted.filter(({ path }, index) => path !== sorted[index - 1]?.path);
}

/** The same of some files among many that are in that order already; of two with one path, the one of the some. */
export function addInPathOrder(many: readonly FileState[], some: readonly FileState[]): readonly FileState[] {
  const all: FileState[] = [];
  let from = 0;
  for (const file of inPathOrder(some)) {
    let to = many.length;
    for (let low = from; low < to;) {
      const middle = (low + to) >>> 1;
      if (comparePaths(many[middle]?.path ?? '', file.path) < 0) low = middle + 1;
      else to = middle;
    }
    for (; from < to; from += 1) all.push(many[from] ?? file);
    all.push(file);
    if (many[from]?.path === file.path) from += 1;
  }
  for (const file of from === 0 ? many : many.slice(from)) all.push(file);
  return all;
}

function comparePaths(a: string, b: string): number {
  return isEscapedPath(a) || isEscapedPath(b) ? Buffer.compare(pathBytes(a), pathBytes(b)) : compareBytes(a, b);
}
