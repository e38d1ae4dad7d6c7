import { normalisedName, leadingName } from '../../formats/package-name.ts';
import { lockHoldsName } from './dependency-lock.ts';
import { readToml, TomlDocument, type TomlPath } from '../../formats/toml.ts';
import type { DependencyLock } from './dependency-lock.ts';
import type { LockDifference } from './uv-lock-difference.ts';

/**
 * The dependencies of a manifest (poetry's and pdm's pyproject.toml, a Pipfile) that its lock file does not have. A lock file has every dependency
 * of every group and extra. Pure.
 */
export function undeclaredNames(lock: DependencyLock, manifest: string): readonly LockDifference[] {
  const text = lock.manifests.get(manifest);
  const document = text === undefined ? undefined : readToml(text);
  if (text === undefined || !(document instanceof TomlDocument)) return [];
  const lines = text.split(/\r?\n/);
  return declaredNames(document, lock.source.tool).flatMap(({ name, path }): readonly LockDifference[] => {
    if (lockHoldsName(lock, name)) return [];
    const span = document.spanOf(path);
    const sourceLine = lines[span.line - 1] ?? '';
    return [{ file: manifest, span, sourceLine, says: `does not have ${name}`, isMissing: true }];
  });
}

interface DeclaredName {
  readonly name: string;
  readonly path: TomlPath;
}

function declaredNames(document: TomlDocument, tool: DependencyLock['source']['tool']): readonly DeclaredName[] {
  const inLists = (path: TomlPath): readonly DeclaredName[] =>
    document.items(path).flatMap((item) => {
      const name = leadingName(document.text(item)?.mapped.text ?? '');
      return name === undefined ? [] : [{ name, path: item }];
    });
  const inListsOf = (path: TomlPath): readonly DeclaredName[] =>
    document.keys(path).flatMap((key) => inLists([...path, key]));
  const keysOf = (path: TomlPath): readonly DeclaredName[] =>
    document
      .keys(path)
      .filter((key) => key !== 'python')
      .map((key) => ({ name: normalisedName(key), path: [...path, key] }));
  if (tool === 'pipenv') return [...keysOf(['packages']), ...keysOf(['dev-packages'])];
  const standard = [
    ...inLists(['project', 'dependencies']),
    ...inListsOf(['project', 'optional-dependencies']),
    ...inListsOf(['dependency-groups']),
  ];
  if (tool === 'pdm') return [...standard, ...inListsOf(['tool', 'pdm', 'dev-dependencies'])];
  const poetry = ['tool', 'poetry'];
  return [
    ...standard,
    ...keysOf([...poetry, 'dependencies']),
    ...keysOf([...poetry, 'dev-dependencies']),
    ...document.keys([...poetry, 'group']).flatMap((name) => keysOf([...poetry, 'group', name, 'dependencies'])),
  ];
}
