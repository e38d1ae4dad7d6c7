import { join, posix } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { rootOwner, type SeedEntry } from './seed-entry.ts';

/** A project that its containers have installed, as `pip install -e .` would. */
export interface InstalledProject {
  /** Its pyproject.toml. */
  readonly pyproject: string;
  /** Python's `X.Y`, which names the image's site-packages. */
  readonly python: string;
}

/** The venv of the image. */
const venv = '/opt/parity';

/**
 * The project of a folder when it is a package: its pyproject.toml has a `[build-system]`, by which pip and uv tell one. Undefined
 * otherwise, and when the file can't be read.
 */
export function installableProject(projectDir: string, python: string): InstalledProject | undefined {
  const pyproject = readTextIfExists(join(projectDir, 'pyproject.toml')) ?? '';
  if (!/^\s*\[\s*build-system\s*\]/m.test(pyproject)) return undefined;
  return { pyproject, python: python.split('.').slice(0, 2).join('.') };
}

/** The files that install a project in a container: a .pth file, its dist-info folder and its console scripts. Empty when it names none. */
export async function installEntries(
  project: InstalledProject,
  hostProject: string,
  containerProject: string,
): Promise<readonly SeedEntry[]> {
  // The TOML reader is loaded when a container is made, not at every run.
  const { editableProject } = await import('./editable-project.ts');
  const editable = editableProject(project.pyproject, (path) => readTextIfExists(join(hostProject, path)));
  if (editable === undefined) return [];
  const site = `${venv}/lib/python${project.python}/site-packages`;
  const file = (path: string, data: string, mode = 0o644): SeedEntry => {
    return { type: 'file', path, data, mode, owner: rootOwner };
  };
  const roots = editable.importRoots.map((root) => posix.join(containerProject, root));
  const distInfo = `${site}/${editable.name}-${editable.version}.dist-info`;
  return [
    file(`${site}/__editable__.${editable.name}.pth`, `${roots.join('\n')}\n`),
    ...Object.entries(editable.distInfo).map(([name, data]) => file(`${distInfo}/${name}`, data)),
    ...Object.entries(editable.scripts).map(([name, target]) => file(`${venv}/bin/${name}`, script(target), 0o755)),
  ];
}

/** A console script as pip writes it, for `module:attribute`. */
function script(target: string): string {
  const [module = '', attribute = ''] = target
    .replace(/\s*\[.*\]$/, '')
    .split(':')
    .map((part) => part.trim());
  return [
    `#!${venv}/bin/python`,
    'import sys',
    `from ${module} import ${attribute.split('.')[0]}`,
    '',
    "if __name__ == '__main__':",
    `    sys.exit(${attribute}())`,
    '',
  ].join('\n');
}
