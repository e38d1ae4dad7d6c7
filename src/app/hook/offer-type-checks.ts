import { projectFiles } from '../../config/detect/files.ts';
import type { Project } from '../../config/project.ts';
import { readTypedFolders } from '../../doctor/ui/read-ui.ts';
import { uncheckedFolders } from '../../doctor/ui/unchecked-folders.ts';
import { loadProjectConfig } from '../project/project-config.ts';

/** Lines that offer a check of types for each UI folder of a project that no step checks; none when the project can't be read. */
export async function offerTypeChecks(project: Project): Promise<readonly string[]> {
  const [config, files] = await Promise.all([loadProjectConfig(project), projectFiles(project.dir)]);
  if (!config.ok || !files.ok || config.value.source.kind !== 'file') return [];
  const folders = await readTypedFolders(project.dir, files.value);
  return uncheckedFolders(folders, config.value.pipeline, '.').map(({ path, command }) => {
    return `no step checks the types of ${path}: add one to parity.yaml (run: ${command}), and it is checked before each push (parity doctor --rule PD025)`;
  });
}
