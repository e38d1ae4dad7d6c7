import { join, posix } from 'node:path';
import { lockToolOf, type LockTool } from '../config/lock-source.ts';
import { readTextUpTo } from '../core/read-text-if-exists.ts';
import type { Span } from '../core/span.ts';
import { lockDifferences } from '../lock/requirements/lock-differences.ts';
import { isExcludedPath } from './survey.ts';

/** A lock file of Python packages that was made from another manifest than the one that is there: its tool refuses the two where CI asks. */
export interface StaleLock {
  /** The lock file, relative to the repository's top. */
  readonly lock: string;
  /** What it was made from. */
  readonly manifest: string;
  /** What it does, for each difference: `does not have attrs`. */
  readonly differences: readonly StaleLockDifference[];
  /** The command that makes it anew. */
  readonly hint: string;
}

/** One thing that a lock file does not answer to. */
export interface StaleLockDifference {
  readonly path: string;
  readonly span: Span;
  /** The characters there. */
  readonly raw: string;
  readonly says: string;
}

// A lock file of 3,000 packages has 3 MB.
const sizeLimitBytes = 32 << 20;

/**
 * The lock files of uv, poetry, pdm and Pipenv among a repository's files (relative to `topDir`, not ignored by git) that their tools would call
 * stale, as far as that can be told without them.
 */
export function staleLocks(topDir: string, files: readonly string[]): readonly StaleLock[] {
  const read = (path: string): string | undefined => readTextUpTo(join(topDir, path), sizeLimitBytes);
  const own = files.filter((path) => !isExcludedPath(path));
  return own.flatMap((path): readonly StaleLock[] => {
    const tool = lockToolOf(path);
    if (tool === undefined) return [];
    const manifest = posix.join(posix.dirname(path), tool === 'pipenv' ? 'Pipfile' : 'pyproject.toml');
    const text = own.includes(manifest) ? read(path) : undefined;
    if (text === undefined) return [];
    const found = lockDifferences(path, text, manifestsOf(tool, path, own, read));
    if (found === undefined || found.differences.length === 0) return [];
    return [{ lock: path, manifest, differences: found.differences.map(placed), hint: found.hint }];
  });
}

function manifestsOf(
  tool: LockTool,
  lock: string,
  files: readonly string[],
  read: (path: string) => string | undefined,
): ReadonlyMap<string, string> {
  const folder = posix.dirname(lock);
  const names = tool === 'pipenv' ? ['Pipfile'] : tool === 'uv' ? ['pyproject.toml', 'uv.toml'] : ['pyproject.toml'];
  const paths = files.filter(
    (path) =>
      names.includes(posix.basename(path)) &&
      (tool === 'uv' ? folder === '.' || path.startsWith(`${folder}/`) : posix.dirname(path) === folder),
  );
  return new Map(
    paths.flatMap((path) => {
      const text = read(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}

function placed(difference: {
  readonly file: string;
  readonly span: Span;
  readonly sourceLine?: string;
  readonly says: string;
}): StaleLockDifference {
  const { file, span, sourceLine = '', says } = difference;
  const raw = span.endLine === span.line ? sourceLine.slice(span.column - 1, span.endColumn - 1) : '';
  return { path: file, span, raw, says };
}
