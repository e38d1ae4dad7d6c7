import { posix } from 'node:path';
import type { DependencyLock } from './dependency-lock.ts';

/** A folder whose package a lock file's tool installs. */
export interface InstalledLockFolder {
  /** Relative to the project, `.` for the project's own. */
  readonly path: string;
  /** True for a dependency, which is a package whatever it says; the project itself is one if it says so. */
  readonly isAsked: boolean;
}

/**
 * The folders of the repository whose packages a lock file's tool installs beside what it takes from an index: the project's own, members of its
 * workspace, path dependencies. Pure.
 */
export function installedFolders(lock: DependencyLock): readonly InstalledLockFolder[] {
  const { tool } = lock.source;
  const own = lock.selection.main && lock.selection.only === undefined && tool !== 'pipenv' && tool !== 'pylock';
  const others = {
    uv: () => uvFolders(lock),
    poetry: () => matches(lock, /^\[package\.source\]\s+type = "directory"\s+url = "([^"]*)"/gm),
    pdm: () => matches(lock, /^path = "([^"]*)"/gm).filter((path) => !isArchive(path)),
    pipenv: () => matches(lock, /^ {12}"path": "([^"]*)"/gm).filter((path) => !isArchive(path)),
    pylock: () => matches(lock, /\bdirectory = \{[^}]*\bpath = "([^"]*)"/gm),
  }[tool]();
  const base = posix.dirname(lock.file);
  const placed = (path: string): string => posix.join(base, path).replace(/\/$/, '');
  const top = placed('.');
  const paths = new Set([...(own && tool !== 'uv' ? [top] : []), ...others.map(placed)]);
  // A member of a uv workspace is a package if it says so, as the project itself.
  return [...paths].map((path) => ({ path, isAsked: tool !== 'uv' && !(own && path === top) }));
}

function matches({ text }: DependencyLock, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function isArchive(path: string): boolean {
  return /\.(?:whl|tar\.gz|zip)$/.test(path);
}

/** Of a workspace, the root and the members that it needs, or all of them, or those that are named. */
function uvFolders({ text, source, selection }: DependencyLock): readonly string[] {
  if (selection.only !== undefined) return [];
  const blocks = text.split(/^\[\[package\]\]$/m).slice(1);
  const locals = blocks.flatMap((block) => {
    const folder = /^source = \{ (?:editable|directory|virtual) = "([^"]*)" \}/m.exec(block)?.[1];
    const name = /^name = "([^"]*)"/m.exec(block)?.[1];
    return folder === undefined || name === undefined
      ? []
      : [{ folder, name, block: block.split('[package.metadata]')[0] ?? '' }];
  });
  const named = source.options.flatMap((option, index) => (source.options[index - 1] === '--package' ? [option] : []));
  const isStart = ({ folder, name }: { readonly folder: string; readonly name: string }): boolean =>
    source.options.includes('--all-packages') || (named.length > 0 ? named.includes(name) : folder === '.');
  const taken = new Set(locals.filter(isStart));
  for (const one of taken)
    for (const other of locals) if (one.block.includes(`{ name = "${other.name}"`)) taken.add(other);
  return [...taken].map(({ folder }) => folder);
}
