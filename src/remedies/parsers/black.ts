import { printedPlace, type PrintedPlace, type Said, type ToolOutput } from '../said.ts';

// would reformat core/app.py
const reformat = /^would reformat (\S.*\.(?:pyi?|ipynb))$/;
// error: cannot format core/app.py: Cannot parse for target version Python 3.11: 2:4:     return 1
const failed = /^error: cannot format (\S.*?\.(?:pyi?|ipynb)): (.+)$/;
const parse = /^Cannot parse(?: for target version [^:]+)?: (\d+):(\d+):/;

/** black `--check`: files that it would change, and files that it can't read. */
export function parseBlack({ lines }: ToolOutput): readonly Said[] {
  return lines.flatMap((text, at): readonly Said[] => {
    const would = reformat.exec(text);
    if (would?.[1] !== undefined) return [said('would be reformatted', printedPlace(would[1]), at)];
    const [, path, message] = failed.exec(text) ?? [];
    if (path === undefined || message === undefined) return [];
    const [, line, column] = parse.exec(message) ?? [];
    // Its columns count from 0.
    const place = printedPlace(path, line, column === undefined ? null : String(Number(column) + 1));
    return [said(message, place, at)];
  });
}

function said(message: string, place: PrintedPlace, at: number): Said {
  return { tool: 'black', code: null, severity: 'error', message, places: [place], at };
}
