import type { Failure } from '../core/failure.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';

/** Where a diagnostic stands as compilers print it: `core/app.py:3:1`; empty when it is about no file. */
export function formatPlace({ file, line, column }: ToolDiagnostic): string {
  return [file, line, column].filter((part) => part !== null).join(':');
}

/** A failure in plain lines, for what is no terminal: each problem at its place, the cause, what to type next. */
export function plainFailureLines({ message, detail, next, diagnostics = [] }: Failure): readonly string[] {
  return [
    message,
    ...diagnostics.map(({ file, span, message: text }) => `${file}:${span.line}:${span.column}: ${text}`),
    ...(detail === undefined ? [] : [detail.trimEnd()]),
    ...(next === undefined ? [] : [next]),
  ];
}
