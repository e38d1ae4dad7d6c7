import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../core/paths.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';

/** Parity's plugin for pytest, which runs one shard's tests: its module, its folder in every container, and in the package. */
export const pytestPlugin = { module: 'parity_shard', container: '/parity/pytest', package: 'images/pytest' } as const;

/** The plugin's code. */
export function readPytestPlugin(): Promise<string> {
  return readFile(join(packageRoot(), pytestPlugin.package, `${pytestPlugin.module}.py`), 'utf8');
}

/**
 * The plugin's file, and a .pth file by which the image's own Python finds it even where a command sets PYTHONPATH itself. `python` is
 * the image's Python, `3.11.9`.
 */
export function pytestPluginEntries(code: string, python: string | undefined): readonly SeedEntry[] {
  const file = (path: string, data: string): SeedEntry => ({ type: 'file', path, data, mode: 0o644, owner: rootOwner });
  const minor = python?.split('.').slice(0, 2).join('.');
  return [
    file(`${pytestPlugin.container}/${pytestPlugin.module}.py`, code),
    ...(minor === undefined
      ? []
      : [
          file(
            `/opt/parity/lib/python${minor}/site-packages/${pytestPlugin.module}.pth`,
            `${pytestPlugin.container}\n`,
          ),
        ]),
  ];
}
