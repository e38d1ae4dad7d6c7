import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { isEscapedPath, pathBytes } from '../git/path-text.ts';
import { possiblyChangedFiles } from '../git/possibly-changed.ts';

/**
 * What a repository looks like from afar: git's index, and the stat data of what differs from it. Two equal sightings are of the same files with
 * the same content; most repositories can be sighted in the time of a `git status`.
 */
export interface WorkTreeStamp {
  /** Says all of it; only ever compared. */
  readonly text: string;
  /** False when a file or the index was written a moment ago: a file may be written once more without its stat data telling. */
  readonly isSettled: boolean;
}

// As in contents.ts: the tick of a file system's clock, generously.
const racyMs = 1000;
// Git compares whole seconds. What is written in the second of the index may look clean to it; what is written later does not.
const indexTickMs = 1000;

/**
 * Looks at a repository by its top level. Undefined where git does not vouch for all files: without git, with a repository inside it, or with an
 * index that is written at this moment.
 */
export async function stampWorkTree(root: string, now: () => number = Date.now): Promise<WorkTreeStamp | undefined> {
  const begun = now();
  const index = stampIndex(root, begun);
  const found = index === undefined ? undefined : await possiblyChangedFiles(root);
  if (index === undefined || found?.ok !== true || !index.isCurrent()) return undefined;
  const lines = [index.text];
  let newest = 0;
  for (const path of [...found.value.dirty, '', ...found.value.untracked]) {
    if (path.endsWith('/')) return undefined;
    const stat = path === '' ? undefined : statOf(`${root}/${path}`);
    // A folder where a file should be is a submodule, or hides one.
    if (stat?.isDirectory() === true) return undefined;
    if (stat !== undefined) newest = Math.max(newest, stat.mtimeMs, stat.ctimeMs);
    lines.push(`${path}\0${stat === undefined ? '' : textOf(stat)}`);
  }
  return { text: lines.join('\0\n'), isSettled: index.isSettled && newest + racyMs < begun };
}

/** Git's index at one moment. */
export interface IndexStamp {
  readonly text: string;
  /** False when it was written a moment before: then it may take a file for unchanged that is written now. */
  readonly isSettled: boolean;
  /** True while it is this very index. */
  isCurrent(): boolean;
}

/** Looks at the index of the work tree whose top level this is, at a time in milliseconds since 1970; undefined when there is none. */
export function stampIndex(root: string, at: number): IndexStamp | undefined {
  const file = indexFile(root);
  const stat = file === undefined ? undefined : statOf(file);
  if (file === undefined || stat === undefined) return undefined;
  const stamp = textOf(stat);
  return {
    text: stamp,
    isSettled: stat.mtimeMs + indexTickMs + racyMs < at,
    isCurrent: () => fileStamp(file) === stamp,
  };
}

/** A file's stat data as text, only ever compared; undefined for no file. */
export function fileStamp(path: string): string | undefined {
  const stat = statOf(path);
  return stat === undefined ? undefined : textOf(stat);
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(isEscapedPath(path) ? pathBytes(path) : path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function textOf({ size, mtimeMs, ctimeMs, ino, mode }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino} ${mode}`;
}

/** Where the index of a work tree lies: a linked worktree's, or a submodule's, is elsewhere. */
function indexFile(root: string): string | undefined {
  const git = join(root, '.git');
  try {
    if (statSync(git).isDirectory()) return join(git, 'index');
    const elsewhere = /^gitdir: (.+)/.exec(readFileSync(git, 'utf8'))?.[1];
    return elsewhere === undefined ? undefined : join(resolve(root, elsewhere), 'index');
  } catch {
    return undefined;
  }
}
