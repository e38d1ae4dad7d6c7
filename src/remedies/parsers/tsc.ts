import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// src/App.tsx(1,25): error TS2307: Cannot find module './Missing' …
const plain = /^([^\s|"'][^|"']*?\.[a-z]+)\((\d+),(\d+)\): (error|warning|message) (TS\d+): (.*)$/;
// src/App.tsx:1:25 - error TS2307: Cannot find module './Missing' …   (--pretty)
const pretty = /^([^\s|"'][^|"']*?\.[a-z]+):(\d+):(\d+) - (error|warning|message) (TS\d+): (.*)$/;
// error TS5058: The specified path does not exist: 'nowhere.json'.
const placeless = /^(error) (TS\d+): (.*)$/;

/** TypeScript's compiler and what prints as it does (vue-tsc); a message goes on in the indented lines right below it. */
export function parseTsc({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, path, line, column, ...placed] = plain.exec(text) ?? pretty.exec(text) ?? [];
    const [severity, code, first] = path === undefined ? (placeless.exec(text)?.slice(1) ?? []) : placed;
    if (code === undefined || first === undefined) return [];
    const more: string[] = [];
    for (let next = at + 1; /^ {2,}\S/.test(lines[next] ?? '') && more.length < 20; next += 1)
      more.push(lines[next] ?? '');
    const places: readonly PrintedPlace[] = path === undefined ? [] : [printedPlace(path, line, column)];
    return [
      {
        tool: 'tsc',
        code,
        severity: severity === 'error' || severity === 'warning' ? severity : 'note',
        message: [first, ...more].join('\n'),
        places,
        at,
      },
    ];
  });
}
