import type { ToolDiagnostic } from '../../src/core/tool-diagnostic.ts';

/** The annotations in a log, in its order. */
export function annotations(stdout: string): readonly string[] {
  return stdout.split('\n').filter((line) => /^::(?:error|warning|notice) /.test(line));
}

/** The diagnostics that the events of a json run have. */
export function diagnosticsOf(stdout: string): readonly ToolDiagnostic[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly diagnostics?: readonly ToolDiagnostic[] })
    .flatMap(({ diagnostics = [] }) => diagnostics);
}

/** Where a diagnostic is, and whose: `mypy core/a.py:1:null`. */
export function place({ tool, file, line, column }: ToolDiagnostic): string {
  return `${tool} ${file}:${line}:${column}`;
}
