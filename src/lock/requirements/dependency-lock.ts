import type { LockSelection, LockSource } from '../../config/lock-source.ts';
import { spanAt } from '../../core/span.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { tableAt } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { Place } from './requirement.ts';

/** A lock file of another tool that decides versions, as it was read, with what is installed of it. */
export interface DependencyLock {
  readonly source: LockSource;
  readonly selection: LockSelection;
  /** Its path relative to the project, with `/`. */
  readonly file: string;
  readonly text: string;
  /** The files beside it that its tool reads (pyproject.toml of each member …), by path relative to the project. */
  readonly manifests: ReadonlyMap<string, string>;
}

/** The folders, relative to the project, of the repository's own packages that a uv.lock holds; with or without a build. Pure. */
export function lockedFolders(text: string): readonly string[] {
  const folders = [...text.matchAll(/^source = \{ (?:editable|directory|virtual) = "([^"]*)" \}/gm)];
  return [...new Set(['.', ...folders.map((match) => match[1] ?? '.')])];
}

/** Where a lock file holds a package: the line with its name. The file's start where it does not. Pure. */
export function placeInLock(
  { file, text }: Pick<DependencyLock, 'file' | 'text'>,
  name: string,
  version?: string,
): Place {
  const found = [...text.matchAll(entryOf(name))];
  const exact = found.find((match) =>
    (/^(?:(?!\n\[\[|\n {8}\})[^])*/.exec(text.slice(match.index))?.[0] ?? '').includes(`${version ?? ''}"`),
  );
  const at = (exact ?? found[0])?.index ?? 0;
  const line = /^[^\r\n]*/.exec(text.slice(at))?.[0] ?? '';
  return { file, span: spanAt(text, at, Math.max(line.length, 1)), sourceLine: line };
}

/** Whether a lock file has a package of this name, in any version. Pure. */
export function lockHoldsName({ text }: Pick<DependencyLock, 'text'>, name: string): boolean {
  return entryOf(name).test(text);
}

function entryOf(name: string): RegExp {
  const spelt = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/[-_.]+/g, '[-_.]+');
  return new RegExp(`^name = "${spelt}"$|^ *"${spelt}": \\{$`, 'gim');
}

/** The normalised names of packages that a lock file's tool was told to take against what other packages say. Pure. */
export function overriddenNames({ source: { tool }, text, manifests }: DependencyLock): ReadonlySet<string> {
  if (tool === 'uv') {
    const head = text.split('[[package]]', 1)[0] ?? '';
    const list = /^overrides = [^]*?(?=\n(?:[a-z-]+ = |\[|\s*$))/m.exec(head)?.[0] ?? '';
    return new Set([...list.matchAll(/\bname = "([^"]+)"/g)].map((match) => normalisedName(match[1] ?? '')));
  }
  if (tool !== 'pdm') return new Set();
  const overrides = [...manifests.values()].map((manifest) => tomlTable(manifest));
  return new Set(
    overrides.flatMap((root) =>
      Object.keys(tableAt(root, 'tool', 'pdm', 'resolution', 'overrides') ?? {}).map(normalisedName),
    ),
  );
}
