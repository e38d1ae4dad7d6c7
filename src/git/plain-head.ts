import { join } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';

/** HEAD's commit in an ordinary repository, read off its files by its top level; undefined before the first commit, and wherever git alone knows. */
export function plainHead(topLevel: string): string | undefined {
  const gitDir = join(topLevel, '.git');
  const head = readTextIfExists(join(gitDir, 'HEAD'))?.trim() ?? '';
  if (isCommit(head)) return head;
  const ref = /^ref: (refs\/[^\0]+)$/.exec(head)?.[1];
  if (ref === undefined) return undefined;
  const loose = readTextIfExists(join(gitDir, ref))?.trim() ?? '';
  if (isCommit(loose)) return loose;
  const packed = readTextIfExists(join(gitDir, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${ref}`));
  const commit = packed?.slice(0, -ref.length - 1) ?? '';
  return isCommit(commit) ? commit : undefined;
}

function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
