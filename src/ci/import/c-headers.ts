import { posix } from 'node:path';
import { developmentPackage } from '../../core/development-package.ts';
import type { ShellCommand } from '../../formats/shell.ts';

/** The packages of the headers that the sources include which a command gives to a compiler. */
export function headerPackages(
  { words }: Pick<ShellCommand, 'words'>,
  cwd: string,
  readText: (path: string) => string | undefined,
): readonly string[] {
  const [program = '', ...rest] = words.map(({ text }) => text);
  if (!/^(?:gcc|cc|g\+\+|c\+\+|clang)$/.test(program)) return [];
  const sources = rest.filter((word) => /^[\w./-]+\.(?:c|cc|cpp|cxx)$/.test(word) && !word.startsWith('/'));
  // The headers that come with a compiler's package are the C library's.
  const found = sources.flatMap((source) =>
    [...(readText(posix.join(cwd, source)) ?? '').matchAll(/^[ \t]*#[ \t]*include[ \t]*[<"]([\w./-]+)[>"]/gm)].flatMap(
      ([, header = '']) => developmentPackage(header) ?? [],
    ),
  );
  return [...new Set(['libc6-dev', ...found])];
}
