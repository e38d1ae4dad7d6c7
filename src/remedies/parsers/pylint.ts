import type { Severity } from '../../core/diagnostic.ts';
import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// core/app.py:7:14: E0602: Undefined variable 'undefined_name' (undefined-variable)
const pattern = /^([^\s"'<>|+-][^"<>|]*?\.pyi?):(\d+):(\d+): ([CRWEFI]\d{4}): (\S.*) \([a-z][\w-]*\)$/;

// --output-format=parseable: core/app.py:7: [E0602(undefined-variable), loop] Undefined variable 'undefined_name'
const parseable = /^([^\s"'<>|+-][^"<>|]*?\.pyi?):(\d+):() \[([CRWEFI]\d{4})\([\w-]+\), ?[^\]]*\] (\S.*)$/;
// --output-format=msvs: core/app.py(7): [E0602(undefined-variable)loop] Undefined variable 'undefined_name'
const msvs = /^([^\s"'<>|+-][^"<>|]*?\.pyi?)\((\d+)\):() \[([CRWEFI]\d{4})\([\w-]+\)[^\]]*\] (\S.*)$/;

/** pylint's text forms. What it holds for style (C, R) is a note, though it may fail the step. */
export function parsePylint({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, path, line, column, code, message] = pattern.exec(text) ?? parseable.exec(text) ?? msvs.exec(text) ?? [];
    if (path === undefined || code === undefined || message === undefined) return [];
    // Its columns count from 0.
    const place = printedPlace(path, line, column === '' ? null : String(Number(column) + 1));
    return [{ tool: 'pylint', code, severity: severityOf(code), message, places: [place], at }];
  });
}

function severityOf(code: string): Severity {
  if (/^[EF]/.test(code)) return 'error';
  return code.startsWith('W') ? 'warning' : 'note';
}
