import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ignore } from 'ignore';
import { pathBytes, pathText } from '../git/path-text.ts';

/** Folders that hold no file of anybody's, whoever made them: other version controls', and what tools put there. */
const generatedFolders = new Set(
  '.git .hg .svn .jj node_modules __pycache__ .mypy_cache .pytest_cache .ruff_cache .tox .nox'.split(' '),
);

/** True for the name of such a folder. */
export function isGeneratedFolder(name: string): boolean {
  return generatedFolders.has(name);
}

/**
 * The files of a folder that git does not tell of, relative to it: all but those of virtual environments and of folders that tools make
 * for themselves, and what a .gitignore among them says. A folder that can't be read has none.
 */
export async function walkFolder(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  const ignores: { readonly folder: string; readonly rules: Ignore }[] = [];
  const isIgnored = (path: string, folder: boolean): boolean =>
    ignores.some(
      (one) => path.startsWith(one.folder) && one.rules.ignores(`${path.slice(one.folder.length)}${folder ? '/' : ''}`),
    );
  const folders = [''];
  for (const folder of folders) {
    const path = pathBytes(`${root}/${folder}`);
    const entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' }).catch(() => []);
    const own = entries.find((entry) => entry.isFile() && entry.name.toString() === '.gitignore');
    if (own !== undefined) {
      const { default: ignore } = await import('ignore');
      const text = await readFile(join(root, folder, '.gitignore'), 'utf8').catch(() => '');
      ignores.push({ folder, rules: ignore().add(text) });
    }
    for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
      const name = pathText(entry.name);
      const below = `${folder}${name}`;
      if (entry.isDirectory()) {
        if (generatedFolders.has(name) || existsSync(join(root, below, 'pyvenv.cfg')) || isIgnored(below, true))
          continue;
        folders.push(`${below}/`);
      } else if ((entry.isFile() || entry.isSymbolicLink()) && !isIgnored(below, false)) files.push(below);
    }
  }
  return files;
}
