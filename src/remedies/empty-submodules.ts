import { posix } from 'node:path';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { containerTop } from './path-resolver.ts';

/** What is asked about the repository's files, and where the step ran. */
interface RepositoryFiles {
  /** Absolute path in the container. */
  readonly cwd: string;
  /** Whether the repository has a file, by its path from the top. */
  readonly isFile?: ((path: string) => boolean) | undefined;
  /** The text of a file by its path from the top; undefined when it can't be read. */
  readonly readText: (path: string) => string | undefined;
}

/** A diagnostic for each submodule that is not checked out and of which the output names a file. */
export function emptySubmodules(
  lines: readonly string[],
  { cwd, isFile, readText }: RepositoryFiles,
): readonly ToolDiagnostic[] {
  if (isFile?.('.gitmodules') !== true) return [];
  const config = (readText('.gitmodules') ?? '').split('\n');
  return config.flatMap((entry, index) => {
    const path = /^\s*path\s*=\s*"?([^"]+?)"?\s*$/.exec(entry)?.[1];
    // One that is checked out has its own `.git`.
    if (path === undefined || isFile(`${path}/.git`)) return [];
    const here = posix.relative(cwd, posix.join(containerTop, path));
    const named = [path, here].some((each) => lines.some((line) => names(line, `${each}/`)));
    if (!named) return [];
    const message = `${path} is a submodule that is not checked out`;
    return [
      {
        tool: 'git',
        code: null,
        severity: 'error' as const,
        message,
        file: '.gitmodules',
        line: index + 1,
        column: null,
      },
    ];
  });
}

function names(line: string, path: string): boolean {
  const at = line.indexOf(path);
  return at >= 0 && !/[\w.-]/.test(line[at - 1] ?? '');
}
