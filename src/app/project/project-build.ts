import { relative, sep } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { Lock } from '../../lock/lock.ts';
import type { FileState } from '../../workspace/file-state.ts';
import { projectBuildKey, type ProjectBuild } from '../../workspace/project-build.ts';
import { readContents, type Contents } from '../../workspace/workspace-contents.ts';
import type { OpenProject } from './open-project.ts';

/** How the repository's own packages are to be installed for these files; undefined when the lock names none. */
export async function buildOf(
  { project, config }: { readonly project: { readonly dir: string }; readonly config: OpenProject['config'] },
  lock: Lock,
  seen: { readonly files: readonly FileState[]; readonly project: string },
): Promise<ProjectBuild | undefined> {
  const projects = lock.python.build?.projects;
  if (projects === undefined) return undefined;
  const network = config.toolchain.build?.network ?? 'none';
  const key = await projectBuildKey({ ...seen, projects, network, projectDir: project.dir });
  return { projects, network, key };
}

/** The same for the files as they are read now, or as `contents` has them. Err as readContents. */
export async function currentBuild(
  opened: Pick<OpenProject, 'project' | 'config' | 'workspace'>,
  lock: Lock,
  contents?: () => Promise<Result<Contents>>,
): Promise<Result<ProjectBuild | undefined>> {
  if (lock.python.build === undefined) return ok(undefined);
  const workspace = await opened.workspace;
  if (!workspace.ok) return workspace;
  const { hostRoot, hostProject } = workspace.value;
  const read = contents === undefined ? await readContents(hostRoot) : await contents();
  if (!read.ok) return read;
  const folder = relative(hostRoot, hostProject).split(sep).join('/');
  return ok(await buildOf(opened, lock, { files: read.value.files, project: folder === '' ? '.' : folder }));
}
