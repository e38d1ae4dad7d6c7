import { readPackageFile } from '../core/package-file.ts';
import { rootOwner, type Owner, type SeedEntry } from '../workspace/seed-entry.ts';
import { workspaceRoot } from '../workspace/workspace.ts';
import { sitePackages } from './site-packages.ts';

/** Where Python keeps the bytecode of what it may have none beside: `PYTHONPYCACHEPREFIX` of every command. */
export const bytecodeFolder = '/parity/bytecode';

const module = 'parity_bytecode';
const file = `images/python/${module}.py`;

/** The files that decide it, in the package. */
export const bytecodeFiles: readonly string[] = [file];

/**
 * The folders for the bytecode of the work tree, of the image and of parity's own modules, and the module by which the image's Python uses them for
 * nothing else. Any other Python of the container, which does not load that module, cannot write anything else's bytecode.
 */
export function bytecodeEntries(python: string | undefined, user: Owner): readonly SeedEntry[] {
  const moduleText = readPackageFile(file);
  return [
    { type: 'folder', path: bytecodeFolder, mode: 0o555, owner: rootOwner },
    ...[workspaceRoot, '/usr', '/opt', '/parity'].map((path): SeedEntry => {
      return { type: 'folder', path: `${bytecodeFolder}${path}`, mode: 0o755, owner: user };
    }),
    ...sitePackages(python).flatMap((folder): readonly SeedEntry[] => [
      { type: 'file', path: `${folder}/${module}.py`, data: moduleText, mode: 0o644, owner: rootOwner },
      { type: 'file', path: `${folder}/${module}.pth`, data: `import ${module}\n`, mode: 0o644, owner: rootOwner },
    ]),
  ];
}
