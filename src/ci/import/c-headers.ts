import { posix } from 'node:path';
import type { ShellCommand } from '../../formats/shell.ts';

/** Headers that GitHub's Linux machines have beside a compiler, and the Debian package that brings each. */
const packages: Readonly<Record<string, string>> = {
  'sqlite3.h': 'libsqlite3-dev',
  'sqlite3ext.h': 'libsqlite3-dev',
  'zlib.h': 'zlib1g-dev',
  'lzma.h': 'liblzma-dev',
  'bzlib.h': 'libbz2-dev',
  'ffi.h': 'libffi-dev',
  'yaml.h': 'libyaml-dev',
  'libpq-fe.h': 'libpq-dev',
  'openssl/ssl.h': 'libssl-dev',
  'openssl/evp.h': 'libssl-dev',
  'curl/curl.h': 'libcurl4-openssl-dev',
  'libxml/parser.h': 'libxml2-dev',
};

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
      ([, header = '']) => (Object.hasOwn(packages, header) ? [packages[header] ?? ''] : []),
    ),
  );
  return [...new Set(['libc6-dev', ...found])];
}
