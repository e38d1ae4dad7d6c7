import { posix } from 'node:path';
import { lockSelection, lockToolOf } from '../../config/lock-source.ts';
import type { DependencyLock } from './dependency-lock.ts';
import { freshnessProblem, relockAdvice } from './dependency-lock-freshness.ts';
import { undeclaredNames } from './undeclared-names.ts';
import { uvLockDifferences, type LockDifference } from './uv-lock-difference.ts';
import { memberDifferences } from './uv-workspace.ts';

/** What a lock file and the manifests that it was made from do not agree on. */
export interface LockDifferences {
  readonly differences: readonly LockDifference[];
  /** What makes the lock file anew. */
  readonly hint: string;
}

/**
 * Holds a lock file of uv, poetry, pdm or Pipenv against its manifests (of uv those of all folders below), by path; as far as their tools would call
 * it stale and that can be told without them. Undefined for another file. Pure.
 */
export function lockDifferences(
  file: string,
  text: string,
  manifests: ReadonlyMap<string, string>,
): LockDifferences | undefined {
  const tool = lockToolOf(file);
  if (tool === undefined || tool === 'pylock') return undefined;
  const source = { tool, file, options: [] };
  const selection = lockSelection(source);
  if ('wrong' in selection) return undefined;
  const lock: DependencyLock = { source, selection, file, text, manifests };
  const differences = tool === 'uv' ? uvDifferences(lock) : hashDifferences(lock);
  return { differences, hint: relockAdvice(lock) };
}

function uvDifferences(lock: DependencyLock): readonly LockDifference[] {
  const found = [...memberDifferences(lock), ...uvLockDifferences(lock)];
  // What the lock file lacks is what somebody looks for.
  return [...found.filter(({ isMissing }) => isMissing), ...found.filter(({ isMissing }) => !isMissing)];
}

function hashDifferences(lock: DependencyLock): readonly LockDifference[] {
  const problem = freshnessProblem(lock);
  if (problem === undefined) return [];
  const manifest = lock.source.tool === 'pipenv' ? 'Pipfile' : 'pyproject.toml';
  const missing = undeclaredNames(lock, posix.join(posix.dirname(lock.file), manifest));
  if (missing.length > 0) return missing;
  const says = problem.message.replace(/^it .*: its (\S+) is another$/, 'has the $1 of another');
  const { file, span, sourceLine } = problem;
  return [{ file, span, ...(sourceLine === undefined ? {} : { sourceLine }), says, isMissing: false }];
}
