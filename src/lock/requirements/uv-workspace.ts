import { posix } from 'node:path';
import picomatch from 'picomatch';
import { normalisedName } from '../../formats/package-name.ts';
import { tableAt, textsOf } from '../../formats/table.ts';
import { readToml, TomlDocument } from '../../formats/toml.ts';
import type { DependencyLock } from './dependency-lock.ts';
import type { LockDifference } from './uv-lock-difference.ts';
import { uvLockHead } from './uv-lock-text.ts';

/**
 * The folders that a uv workspace takes as members, of those that have a pyproject.toml; all relative to the workspace's own. Undefined where the
 * pyproject.toml of the top makes none. Pure.
 */
export function workspaceMembers(top: unknown, folders: readonly string[]): readonly string[] | undefined {
  const workspace = tableAt(top, 'tool', 'uv', 'workspace');
  if (workspace === undefined) return undefined;
  const matcher = (key: string): ((folder: string) => boolean) => {
    const globs = textsOf(workspace[key]).map((glob) => posix.normalize(glob).replace(/\/$/, ''));
    return globs.length === 0 ? () => false : picomatch(globs);
  };
  const [isIn, isOut] = [matcher('members'), matcher('exclude')];
  return folders.filter((folder) => folder !== '.' && isIn(folder) && !isOut(folder));
}

/** The members of a workspace that its uv.lock lacks or has in excess; for a lock with every pyproject.toml below it. Pure. */
export function memberDifferences(lock: DependencyLock): readonly LockDifference[] {
  const top = posix.dirname(lock.file);
  const documents = new Map(
    [...lock.manifests].flatMap(([path, text]) => {
      const document = posix.basename(path) === 'pyproject.toml' ? readToml(text) : undefined;
      return document instanceof TomlDocument
        ? [[posix.relative(top, posix.dirname(path)) || '.', { path, text, document }] as const]
        : [];
    }),
  );
  const head = uvLockHead(lock);
  const members = workspaceMembers(documents.get('.')?.document.root, [...documents.keys()]);
  if (head === undefined || members === undefined) return [];
  const expected = ['.', ...members].flatMap((folder) => {
    const found = documents.get(folder);
    const name = found?.document.value(['project', 'name']);
    const isManaged = found?.document.value(['tool', 'uv', 'managed']) !== false;
    return found === undefined || typeof name !== 'string' || !isManaged ? [] : [{ ...found, name }];
  });
  // The lock file of a workspace without other members names none.
  if (head.members.length === 0 && expected.length <= 1) return [];
  const missing = expected.filter(({ name }) => !head.members.includes(normalisedName(name)));
  const names = new Set(expected.map(({ name }) => normalisedName(name)));
  return [
    ...missing.map(({ name, path, text, document }): LockDifference => {
      const span = document.spanOf(['project', 'name']);
      const sourceLine = text.split(/\r?\n/)[span.line - 1] ?? '';
      return { file: path, span, sourceLine, says: `does not have the workspace's member ${name}`, isMissing: true };
    }),
    ...head.members.flatMap((name, index): readonly LockDifference[] =>
      names.has(name)
        ? []
        : [
            {
              ...head.placeOf(['manifest', 'members', index]),
              says: `has the member ${name}, which the workspace has no more`,
              isMissing: false,
            },
          ],
    ),
  ];
}
