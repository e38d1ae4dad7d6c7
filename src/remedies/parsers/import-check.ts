import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// core/db.py:10:1: connects-at-import: `core.db` connects to db.internal:5432 when it is imported
const line = /^(\S.*?\.py):(\d+):(\d+): ((?:[a-z]+-)+at-import): (\S.*)$/;
const warnings = /^(?:reads-secret|slow|library-[a-z]+)-at-import$/;

/** parity's own check of what modules do when they are imported (images/checks/import_check.py). */
export function parseImportCheck({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  if (!words.has('import_check.py')) return [];
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, path, row, column, code, message] = line.exec(text) ?? [];
    if (path === undefined || code === undefined || message === undefined) return [];
    const severity = warnings.test(code) ? 'warning' : 'error';
    return [{ tool: 'import-check', code, severity, message, places: [printedPlace(path, row, column)], at }];
  });
}
