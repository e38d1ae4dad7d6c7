import { posix } from 'node:path';
import { normalisedName } from '../../formats/package-name.ts';
import { readRequirement } from '../../formats/requirement.ts';
import { readToml, TomlDocument, type TomlPath } from '../../formats/toml.ts';
import { lockedFolders, type DependencyLock } from './dependency-lock.ts';
import type { Place } from './requirement.ts';

/**
 * The first dependency of the projects' pyproject.toml that their uv.lock does not know, with its place; undefined when every name is there: it
 * then asks for another version than the lock file was made for, or something was taken out. With `onlyNames`, nothing but a missing name, which
 * needs no uv to be a mistake. Pure.
 */
export function undeclaredInUvLock(
  lock: DependencyLock,
  { onlyNames = false } = {},
): (Place & { readonly message: string }) | undefined {
  const blocks = new Map(
    lock.text
      .split(/^\[\[package\]\]$/m)
      .map((block) => [/^source = \{ (?:editable|directory|virtual) = "([^"]*)" \}/m.exec(block)?.[1] ?? '', block]),
  );
  for (const folder of lockedFolders(lock.text)) {
    const file = posix.join(posix.dirname(lock.file), folder, 'pyproject.toml');
    const text = lock.manifests.get(file);
    const document = text === undefined ? undefined : readToml(text);
    const block = blocks.get(folder);
    if (text === undefined || !(document instanceof TomlDocument) || block === undefined) continue;
    // A lock file of an early uv does not repeat what was asked for.
    if (onlyNames && !block.includes('[package.metadata]')) continue;
    for (const path of dependencyPaths(document)) {
      const { requirement } = readRequirement(document.text(path)?.mapped.text ?? '');
      if (requirement === undefined) continue;
      const name = normalisedName(requirement.name.text);
      const entries = metadataOf(block).match(new RegExp(`\\{ name = "${name}"[^\\n]*`, 'g')) ?? [];
      const wanted = requirement.specifier?.text.replaceAll(/\s/g, '');
      const known = entries.map((entry) => /specifier = "([^"]*)"/.exec(entry)?.[1]);
      const isKnown = known.some((each) => wanted === undefined || each === undefined || sameClauses(wanted, each));
      if (isKnown || (onlyNames && entries.length > 0)) continue;
      const span = document.spanOf(path);
      const message =
        entries.length === 0
          ? `${lock.file} does not have ${name}`
          : `${lock.file} was made for ${name}${known[0] ?? ''}, not ${name}${wanted ?? ''}`;
      return { file, span, sourceLine: text.split(/\r?\n/)[span.line - 1] ?? '', message };
    }
  }
  return undefined;
}

/** The part of a package's entry that repeats what its pyproject.toml asked for. */
function metadataOf(block: string): string {
  const at = block.indexOf('[package.metadata]');
  return at < 0 ? block : block.slice(at);
}

function sameClauses(one: string, other: string): boolean {
  const clauses = (text: string): string =>
    text
      .split(',')
      .map((part) => part.trim())
      .sort()
      .join(',');
  return clauses(one) === clauses(other);
}

function dependencyPaths(document: TomlDocument): readonly TomlPath[] {
  const lists: TomlPath[] = [
    ['project', 'dependencies'],
    ...['optional-dependencies'].flatMap((key) =>
      document.keys(['project', key]).map((name): TomlPath => ['project', key, name]),
    ),
    ...document.keys(['dependency-groups']).map((name): TomlPath => ['dependency-groups', name]),
  ];
  return lists.flatMap((list) => document.items(list));
}
