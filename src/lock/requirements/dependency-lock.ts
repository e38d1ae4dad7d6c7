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
  const found = entriesOf(text).get(normalisedName(name)) ?? [];
  const exact = found.find((start) => entryAt(text, start).includes(`${version ?? ''}"`));
  const at = exact ?? found[0] ?? 0;
  const line = /^[^\r\n]*/.exec(text.slice(at))?.[0] ?? '';
  return { file, span: spanAt(text, at, Math.max(line.length, 1)), sourceLine: line };
}

/** Whether a lock file has a package of this name, in any version. Pure. */
export function lockHoldsName({ text }: Pick<DependencyLock, 'text'>, name: string): boolean {
  return entriesOf(text).has(normalisedName(name));
}

// A lock file of megabytes is looked through once, not once for each of its packages.
let lookedThrough: { readonly text: string; readonly entries: ReadonlyMap<string, readonly number[]> } | undefined;

/** Where a lock file names each package, by normalised name. */
function entriesOf(text: string): ReadonlyMap<string, readonly number[]> {
  if (lookedThrough?.text === text) return lookedThrough.entries;
  const entries = new Map<string, number[]>();
  for (const match of text.matchAll(/^name = "([\w.-]+)"$|^ *"([\w.-]+)": \{$/gim)) {
    const name = normalisedName(match[1] ?? match[2] ?? '');
    const known = entries.get(name);
    if (known === undefined) entries.set(name, [match.index]);
    else known.push(match.index);
  }
  lookedThrough = { text, entries };
  return entries;
}

/** A lock file's entry from its name on: as far as the next one of a TOML file, or the end of a JSON object. */
function entryAt(text: string, start: number): string {
  const next = text.indexOf('\n[[', start);
  const rest = text.slice(start, next < 0 ? text.length : next);
  const end = rest.indexOf(`\n${' '.repeat(8)}}`);
  return end < 0 ? rest : rest.slice(0, end);
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
