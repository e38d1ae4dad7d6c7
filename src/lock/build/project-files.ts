import { lstatSync, readdirSync, readFileSync, realpathSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { isCloseToRoot, isBuildFile } from '../../formats/build-files.ts';
import { namedFiles } from './named-files.ts';

// What a build backend reads to say what it needs is small; more is data.
const fileLimitBytes = 1 << 20;
const totalLimitBytes = 16 << 20;

// Folders that hold no source of a package.
const notSources = /^(?:\..*|node_modules|venv|env|build|dist|docs?|tests?|__pycache__)$/;
const moduleLimit = 5000;

/**
 * The files of a project that its build backend may read to say what it needs: its build files, what these name, and its packages' own
 * modules; `all` of these where it has to describe the whole package. By path relative to the project (absolute). Only regular files in
 * it; what can't be read is left out.
 */
export function projectFiles(folder: string, modules: 'top' | 'all'): Readonly<Record<string, Buffer>> {
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
    for (const path of namedFiles(folder, read(name)?.toString('utf8') ?? '', (each) => read(each)?.toString('utf8')))
      read(path);
  // setuptools looks for every package that it is told of.
  if (modules === 'all') for (const path of modulesBelow(folder)) read(path);
  return files;
}

function modulesBelow(folder: string): readonly string[] {
  const found: string[] = [];
  const rest = ['.'];
  for (let at = rest.pop(); at !== undefined && found.length < moduleLimit; at = rest.pop())
    for (const entry of entries(join(folder, at))) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !notSources.test(entry.name)) rest.push(path);
      else if (entry.isFile() && entry.name.endsWith('.py')) found.push(path);
    }
  return found;
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function names(folder: string, below: string): readonly string[] {
  try {
    return readdirSync(join(folder, below)).map((name) => (below === '.' ? name : `${below}/${name}`));
  } catch {
    return [];
  }
}
