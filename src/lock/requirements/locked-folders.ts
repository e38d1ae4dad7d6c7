import { posix } from 'node:path';
import type { DependencyLock } from './dependency-lock.ts';

/** A folder whose package a lock file's tool installs. */
export interface InstalledLockFolder {
  /** Relative to the project, `.` for the project's own. */
  readonly path: string;
  /** True for a dependency, which is a package whatever it says; the project itself is one if it says so. */
  readonly isAsked: boolean;
  readonly isEditable: boolean;
}

/** A folder, relative to the lock file's. */
interface LockedFolder {
  readonly path: string;
  readonly isEditable: boolean;
}

/**
 * The folders of the repository whose packages a lock file's tool installs beside what it takes from an index: the project's own, members of its
 * workspace, path dependencies. Pure.
 */
export function installedFolders(lock: DependencyLock): readonly InstalledLockFolder[] {
  const { source, selection } = lock;
  const { tool } = source;
  const hasOwn = (tool === 'poetry' || (tool === 'pdm' && selection.main)) && selection.leavesOut === undefined;
  const others = {
    uv: () => uvFolders(lock),
    poetry: () => folders(lock, /^\[\[package\]\]$/m, /^type = "directory"\s+url = "([^"]*)"/m, /^develop = true$/m),
    pdm: () => folders(lock, /^\[\[package\]\]$/m, /^path = "([^"]*)"/m, /^editable = true$/m),
    pipenv: () => folders(lock, /^ {8}\},?$/m, /^ {12}"path": "([^"]*)"/m, /^ {12}"editable": true/m),
    pylock: () =>
      folders(lock, /^\[\[packages\]\]$/m, /\bdirectory = \{[^}]*\bpath = "([^"]*)"/, /\beditable = true\b/),
  }[tool]();
  const base = posix.dirname(lock.file);
  const own: readonly LockedFolder[] = hasOwn ? [{ path: '.', isEditable: true }] : [];
  const found = new Map<string, InstalledLockFolder>();
  for (const { path: said, isEditable } of [...own, ...others]) {
    const path = posix.join(base, said).replace(/\/$/, '');
    // A member of a uv workspace is a package if it says so, as the project itself.
    const isAsked = tool !== 'uv' && !(hasOwn && path === posix.join(base, '.'));
    if (!found.has(path)) found.set(path, { path, isAsked, isEditable: isEditable && selection.noEditable !== true });
  }
  return [...found.values()];
}

/** The folders that the parts of a lock file name, one for each package; archives are none. */
function folders({ text }: DependencyLock, between: RegExp, folder: RegExp, editable: RegExp): readonly LockedFolder[] {
  return text.split(between).flatMap((part) => {
    const path = folder.exec(part)?.[1];
    return path === undefined || /\.(?:whl|tar\.gz|zip)$/.test(path) ? [] : [{ path, isEditable: editable.test(part) }];
  });
}

/** Of a workspace, the root and the members that it needs, or all of them, or those that are named. */
function uvFolders({ text, source, selection }: DependencyLock): readonly LockedFolder[] {
  if (selection.only !== undefined || selection.leavesOut === 'workspace') return [];
  const blocks = text.split(/^\[\[package\]\]$/m).slice(1);
  const locals = blocks.flatMap((block) => {
    const [, kind, path] = /^source = \{ (editable|directory|virtual) = "([^"]*)" \}/m.exec(block) ?? [];
    const name = /^name = "([^"]*)"/m.exec(block)?.[1];
    return path === undefined || name === undefined
      ? []
      : [{ path, isEditable: kind !== 'directory', name, block: block.split('[package.metadata]')[0] ?? '' }];
  });
  const named = source.options.flatMap((option, index) => (source.options[index - 1] === '--package' ? [option] : []));
  const isStart = ({ path, name }: (typeof locals)[number]): boolean =>
    source.options.includes('--all-packages') || (named.length > 0 ? named.includes(name) : path === '.');
  const starts = locals.filter(isStart);
  const taken = new Set(starts);
  for (const one of taken)
    for (const other of locals) if (one.block.includes(`{ name = "${other.name}"`)) taken.add(other);
  return [...taken].filter((one) => selection.leavesOut === undefined || !starts.includes(one));
}
