import { lstatSync } from 'node:fs';
import { join, posix } from 'node:path';
import { mentionedPaths } from '../../formats/mentioned-paths.ts';

/**
 * The files of a project's folder (absolute) that a build file's text may mean, and those that they take in if `textOf` gives theirs:
 * by path, in folders that it names as well (`join(here, "requirements", name)`). Sorted, each once.
 */
export function namedFiles(
  folder: string,
  text: string,
  textOf: (path: string) => string | undefined,
): readonly string[] {
  const found = new Set<string>();
  const add = (from: string, said: string): void => {
    const folders = ['.', ...mentionedPaths(said, (path) => kindOf(join(folder, from, path)) === 'folder')];
    for (const each of folders)
      for (const path of mentionedPaths(said, (other) => kindOf(join(folder, from, each, other)) === 'file')) {
        const named = posix.join(from, each, path);
        if (found.has(named)) continue;
        found.add(named);
        // A requirements file takes in others, which it names as they lie beside it.
        if (/\.(?:txt|in)$/.test(named)) add(posix.dirname(named), textOf(named) ?? '');
      }
  };
  add('.', text);
  return [...found].sort();
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const found = lstatSync(path);
    return found.isDirectory() ? 'folder' : found.isFile() && found.size <= 1 << 20 ? 'file' : undefined;
  } catch {
    return undefined;
  }
}
