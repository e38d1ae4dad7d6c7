import { posix } from 'node:path';
import { shellWord } from '../core/shell-word.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';

// What is longer does not fit the line that it is shown in.
const longestTest = 160;
// More are better told by their folder.
const mostFiles = 3;

/** Where a command is typed, and where things lie. */
export interface CommandFolder {
  /** From the repository's top; the top by default. */
  readonly folder?: string;
  /** Where a path that was printed lies, from the repository's top; null when it is none of its files. */
  readonly place?: (printed: string) => string | null;
}

/**
 * A failing test as a word of a command: its node ID from the command's folder, without its parameters when it is too long with them.
 * Undefined when the diagnostic is of no test.
 */
export function testWord(
  diagnostic: ToolDiagnostic | undefined,
  { folder = '', place }: CommandFolder,
): string | undefined {
  const printed = diagnostic?.test;
  if (printed === undefined) return undefined;
  const [path = '', ...names] = printed.split('::');
  const placed = place?.(path) ?? null;
  const test = [placed === null ? path : posix.relative(folder, placed), ...names].join('::');
  return [test, test.replace(/\[.*$/s, '')].map(shellWord).find((word) => word.length <= longestTest);
}

/** Where vitest and jest keep the snapshots of the test files that diagnostics are about, as words of a command. */
export function snapshotsWord(
  diagnostics: readonly ToolDiagnostic[],
  { folder = '' }: CommandFolder,
): string | undefined {
  const all = diagnostics.flatMap(({ file }) =>
    file === null ? [] : [posix.join(posix.dirname(file), '__snapshots__', `${posix.basename(file)}.snap`)],
  );
  return pathsWord(all, folder);
}

/** The files that diagnostics are about as words of a command: up to three by name, more by the folder that has them all. */
export function filesWord(diagnostics: readonly ToolDiagnostic[], { folder = '' }: CommandFolder): string | undefined {
  return pathsWord(
    diagnostics.flatMap(({ file }) => (file === null ? [] : [file])),
    folder,
  );
}

function pathsWord(paths: readonly string[], folder: string): string | undefined {
  const files = [...new Set(paths.map((path) => posix.relative(folder, path)))];
  if (files.length === 0) return undefined;
  if (files.length <= mostFiles) return files.map(shellWord).join(' ');
  const folders = files.map((file) => posix.dirname(file).split('/'));
  const [first = []] = folders;
  const different = first.findIndex((name, at) => folders.some((other) => other[at] !== name));
  const shared = first.slice(0, different === -1 ? first.length : different).join('/');
  return shellWord(shared === '' ? '.' : shared);
}
