import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// F401 [*] `os` imported but unused
//  --> core/app.py:1:8
const header = /^([A-Z]{1,10}\d{1,6}|[a-z]+(?:-[a-z]+)*:) (?:\[\*\] )?(\S.*)$/;
const arrow = /^ *--> ([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|ipynb|toml)):(?:cell \d+:)?(\d+):(\d+)$/;
// core/app.py:1:10: invalid-syntax: Expected `)`, found newline · before 0.12: SyntaxError: Expected …
const syntax = /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|ipynb)):(\d+):(\d+): (invalid-syntax|SyntaxError): (\S.*)$/;
// --output-format pylint: core/app.py:1: [invalid-syntax] Expected `)`, found newline
const pylintForm = /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|ipynb)):(\d+):() \[(invalid-syntax)\] (\S.*)$/;
// ruff format --check: Would reformat: core/app.py
const reformat = /^Would reformat: (\S.*\.(?:pyi?|ipynb))$/;

/** ruff's full form, its syntax errors and its formatter; the concise form is flake8's. */
export function parseRuff({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, arrowPath, arrowLine, arrowColumn] = arrow.exec(text) ?? [];
    const [, code, message] = arrowPath === undefined ? [] : (header.exec(lines[at - 1] ?? '') ?? []);
    if (arrowPath !== undefined && code !== undefined && message !== undefined)
      return [rawDiagnostic(code.replace(':', ''), message, printedPlace(arrowPath, arrowLine, arrowColumn), at - 1)];
    const [, path, line, column, name, wrong] = syntax.exec(text) ?? pylintForm.exec(text) ?? [];
    if (path !== undefined && name !== undefined && wrong !== undefined)
      return [rawDiagnostic(name, wrong, printedPlace(path, line, column), at)];
    const [, unformatted] = reformat.exec(text) ?? [];
    return unformatted === undefined
      ? []
      : [rawDiagnostic(null, 'would be reformatted', printedPlace(unformatted), at)];
  });
}

function rawDiagnostic(
  code: string | null,
  message: string,
  place: RawDiagnostic['places'][number],
  at: number,
): RawDiagnostic {
  return { tool: 'ruff', code, severity: 'error', message, places: [place], at };
}
