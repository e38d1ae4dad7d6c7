import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// would reformat core/app.py
const reformat = /^would reformat (\S.*\.(?:pyi?|ipynb))$/;
// error: cannot format core/app.py: Cannot parse for target version Python 3.11: 2:4:     return 1
const failed = /^error: cannot format (\S.*?\.(?:pyi?|ipynb)|-): (.+)$/;
// black 26: error: cannot parse: core/bad.py:1:6
const unreadable = /^error: cannot parse: (\S.*\.(?:pyi?|ipynb)):(\d+):(\d+)$/;
const parse = /^Cannot parse(?: for target version [^:]+)?: (\d+):(\d+):/;
// … failed to parse source file AST: iterable argument unpacking follows … (<unknown>, line 1)
const unsafe = /\(<unknown>, line (\d+)\)$/;
// The line below the one before.
const advice = /^This could be caused by running Black /;
// Oh no! 💥 💔 💥 The required version `24.1.0` does not match the running version `25.9.0`!
const version = /^Oh no! .* (The required version `.+` does not match the running version `.+`!?)$/;

// Error: Could not open file 'pyproject.toml': Error reading configuration file: Expected ']' … (at line 1, column 12)
const config =
  /^Error: (Could not open file '(.+?)': Error reading configuration file: .*?(?:\(at line (\d+), column (\d+)\))?)$/;

/** black `--check`: files that it would change, files that it can't read, its own internal errors, and a version that it is not. */
export function parseBlack({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const would = reformat.exec(text);
    if (would?.[1] !== undefined) return [rawDiagnostic('would be reformatted', [printedPlace(would[1])], at)];
    const other = version.exec(text);
    if (other?.[1] !== undefined) return [rawDiagnostic(other[1], [], at)];
    const [, broken, file, configLine, configColumn] = config.exec(text) ?? [];
    if (broken !== undefined && file !== undefined)
      return [rawDiagnostic(broken, [printedPlace(file, configLine, configColumn)], at)];
    const [, unread, unreadLine, unreadColumn] = unreadable.exec(text) ?? [];
    if (unread !== undefined) {
      const place = printedPlace(unread, unreadLine, String(Number(unreadColumn) + 1));
      // The line, a mark below it, and what is wrong.
      const why = lines.slice(at + 1, at + 5).find((line) => /^\w*Error: /.test(line));
      return [rawDiagnostic(why === undefined ? 'cannot parse' : `cannot parse: ${why}`, [place], at)];
    }
    const [, path, first] = failed.exec(text) ?? [];
    if (path === undefined || first === undefined) return [];
    const [, line, column] = parse.exec(first) ?? unsafe.exec(first) ?? [];
    const next = lines[at + 1] ?? '';
    const message = advice.test(next) ? `${first}\n${next}` : first;
    // Its columns count from 0.
    const place = printedPlace(path, line, column === undefined ? null : String(Number(column) + 1));
    return [rawDiagnostic(message, path === '-' ? [] : [place], at)];
  });
}

function rawDiagnostic(message: string, places: readonly PrintedPlace[], at: number): RawDiagnostic {
  return { tool: 'black', code: null, severity: 'error', message, places, at };
}
