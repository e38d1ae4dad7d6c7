import { readdirSync, realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Mount } from '../engine/engine.ts';
import { gitLayout, type GitLayout } from '../git/git.ts';
import { plainLayout } from '../git/plain-layout.ts';

/** Where every workspace lies in a container. */
export const workspaceRoot = '/workspace';

/** How a project's files reach a container whose engine sees them. */
export interface Workspace {
  /** Host folder that is bound at `/workspace`: the outermost git top level that holds the project, or the project itself. */
  readonly hostRoot: string;
  /** The project, absolute and real, on the host. */
  readonly hostProject: string;
  /** The project in the container, absolute. */
  readonly containerProject: string;
  readonly mounts: readonly Mount[];
  /** The folder of the objects of the repository at its root, which a copy may borrow; absent where there is none, or where it borrows from a relative path. */
  readonly objects?: string;
}

/** Lays out a project's workspace for bind mounts. Err when the folder is not there or git refuses to say where it is. */
export async function planWorkspace(projectDir: string): Promise<Result<Workspace>> {
  let hostProject: string;
  try {
    hostProject = realpathSync.native(projectDir);
  } catch (error) {
    return err(failure('io', `The project's folder ${projectDir} cannot be read`, { detail: String(error) }));
  }
  const plain = plainLayout(hostProject);
  const layout = plain === undefined ? await gitLayout(hostProject) : ok(plain);
  if (!layout.ok && layout.error.reason === 'git-refused') {
    const next = layout.error.next;
    return err(failure('repository-invalid', layout.error.message, next === undefined ? {} : { next }));
  }
  // The home folder under git (dotfiles) must not become every project's workspace: then the project stands alone.
  const hostRoot =
    layout.ok && layout.value.outermostSuperproject !== '/' ? layout.value.outermostSuperproject : hostProject;
  const containerProject = posix.join(workspaceRoot, relative(hostRoot, hostProject).split(sep).join('/'));
  const mounts: Mount[] = [{ type: 'bind', source: hostRoot, target: workspaceRoot }];
  if (layout.ok) mounts.push(...(await gitMounts(layout.value, hostRoot)));
  const objects = objectsOf(hostRoot, layout.ok ? layout.value : undefined);
  return ok({ hostRoot, hostProject, containerProject, mounts, ...(objects === undefined ? {} : { objects }) });
}

/** Where the objects of the repository at a root are; undefined when git has them in parts that would not be found elsewhere. */
function objectsOf(hostRoot: string, layout: GitLayout | undefined): string | undefined {
  if (layout === undefined) return undefined;
  const gitDir = layout.topLevel === hostRoot ? layout.commonDir : join(hostRoot, '.git');
  const objects = join(gitDir, 'objects');
  const borrowed = readText(join(objects, 'info', 'alternates')).split('\n');
  const isPlain = borrowed.every((line) => line === '' || line.startsWith('#') || isAbsolute(line));
  return isPlain && foldersIn(objects).length > 0 ? objects : undefined;
}

/** The folders of a repository that lie outside its work tree: a linked worktree's common folder, borrowed objects. */
async function gitMounts(layout: GitLayout, hostRoot: string): Promise<readonly Mount[]> {
  const mounts = new Map<string, Mount>();
  const add = (source: string, target: string, readOnly: boolean): void => {
    if (!isInside(source, hostRoot) || target !== source)
      mounts.set(target, { type: 'bind', source, target, readOnly });
  };
  if (!isInside(layout.commonDir, hostRoot)) add(layout.commonDir, layout.commonDir, false);
  if (layout.isWorktree) {
    // Newer gits may name the common folder relative to the work tree, which is elsewhere in the container.
    const pointer = readText(join(layout.topLevel, '.git'))
      .replace(/^gitdir: /, '')
      .trim();
    const suffix = relative(layout.commonDir, layout.gitDir);
    const seen = posix.resolve(workspaceRoot, pointer);
    if (!isAbsolute(pointer) && seen.endsWith(`/${suffix}`)) {
      const target = seen.slice(0, -suffix.length - 1);
      if (target.split('/').length > 2) add(layout.commonDir, target, false);
    }
  }
  for (const gitDir of [layout.commonDir, ...submodulesOf(layout.commonDir)]) {
    const objects = join(gitDir, 'objects');
    for (const line of readText(join(objects, 'info', 'alternates')).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const source = await realpath(resolve(objects, line)).catch(() => undefined);
      if (source !== undefined && isAbsolute(line) && !isInside(source, hostRoot)) add(source, line, true);
    }
  }
  return [...mounts.values()];
}

/** The git folders of a repository's submodules, and of theirs; a name may have slashes in it. */
function submodulesOf(gitDir: string): readonly string[] {
  const found: string[] = [];
  const look = (folder: string): void => {
    for (const name of foldersIn(folder)) {
      const inner = join(folder, name);
      if (readText(join(inner, 'HEAD')) === '') look(inner);
      else found.push(inner, ...submodulesOf(inner));
    }
  };
  look(join(gitDir, 'modules'));
  return found;
}

/** The names of a folder's own folders; none when it is not there. */
function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** True when a path is a folder or in it; both absolute and real. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way));
}

function readText(path: string): string {
  return readTextIfExists(path) ?? '';
}
