import { spawnSync } from 'node:child_process';

/** This machine's Python; 3.11, which the images have, where there is one. */
export const python =
  ['python3.11', 'python3'].find((name) => spawnSync(name, ['--version']).status === 0) ?? 'python3';

/** Puts packages of the package index, `django==5.2.1`, into a folder for PYTHONPATH; only such as any Python 3 can import. */
export function addPackages(folder: string, packages: readonly string[]): void {
  const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--only-binary', ':all:'];
  const { status, stderr } = spawnSync(python, ['-m', 'pip', 'install', ...options, '--target', folder, ...packages], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pip install ${packages.join(' ')}: ${stderr}`);
}
