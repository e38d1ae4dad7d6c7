import { posix } from 'node:path';
import { shellCommands } from '../../formats/shell.ts';
import type { ShellStatement } from '../../formats/statements.ts';
import { tableAt } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { plainWords } from './command.ts';

/**
 * The packages that a statement takes out of the environment, without the project's own (`dir`, relative to the repository's top): that one is
 * never there from an index. Undefined for a statement that does anything else.
 */
export function uninstalledPackages(
  statement: ShellStatement,
  dir: string,
  readText: (path: string) => string | undefined,
): readonly string[] | undefined {
  const commands = shellCommands(statement.text).map(plainWords);
  const uninstalls = commands.map((words) => uninstallWords(words));
  if (commands.length === 0 || statement.isCompound || uninstalls.includes(undefined)) return undefined;
  const own = ownName(dir, readText);
  return uninstalls
    .flatMap((words = []) => words)
    .filter((word) => !word.startsWith('-') && normalisedName(word) !== own);
}

/** The words after `pip uninstall` and `uv pip uninstall`. */
function uninstallWords(words: readonly string[]): readonly string[] | undefined {
  const [program = '', ...rest] = words[0] === 'uv' ? words.slice(1) : words;
  const at = rest.findIndex((word) => !word.startsWith('-'));
  return /^pip[\d.]*$/.test(program) && rest[at] === 'uninstall' ? rest.slice(at + 1) : undefined;
}

function ownName(dir: string, readText: (path: string) => string | undefined): string | undefined {
  const table = tomlTable(readText(posix.join(dir, 'pyproject.toml')));
  const name = tableAt(table, 'project')?.['name'] ?? tableAt(table, 'tool', 'poetry')?.['name'];
  return typeof name === 'string' ? normalisedName(name) : undefined;
}
