import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isCloseToRoot, isBuildFile } from '../../formats/build-files.ts';
import { mentionedPaths } from '../../formats/mentioned-paths.ts';

// What a build backend reads to say what it needs is small; more is data.
const fileLimitBytes = 1 << 20;
const totalLimitBytes = 16 << 20;

/**
 * The files of a project that its build backend may read to say what it needs: its build files, what these name, and its packages' own
 * modules. By path relative to the project (absolute). Only regular files in it; what can't be read is left out.
 */
export function projectFiles(folder: string): Readonly<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  let left = totalLimitBytes;
  const read = (path: string): Buffer | undefined => {
    const known = files[path];
    if (known !== undefined) return known;
    const absolute = join(folder, path);
    try {
      const found = lstatSync(absolute);
      if (!found.isFile() || found.size > Math.min(fileLimitBytes, left)) return undefined;
      // A folder on the way may be a link that leads out.
      if (realpathSync.native(absolute) !== join(realpathSync.native(folder), path)) return undefined;
      const data = readFileSync(absolute);
      left -= data.length;
      files[path] = data;
      return data;
    } catch {
      return undefined;
    }
  };
  const near = [...names(folder, '.'), ...names(folder, 'src')];
  for (const path of near) if (isBuildFile(path) || isCloseToRoot(path)) read(path);
  for (const path of near) if (!path.includes('.')) read(`${path}/__init__.py`);
  for (const name of ['pyproject.toml', 'setup.py', 'setup.cfg'])
    mentionedPaths(read(name)?.toString('utf8') ?? '', (path) => read(path) !== undefined);
  return files;
}

function names(folder: string, below: string): readonly string[] {
  try {
    return readdirSync(join(folder, below)).map((name) => (below === '.' ? name : `${below}/${name}`));
  } catch {
    return [];
  }
}
