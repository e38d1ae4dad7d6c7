import { printedPlace, type RawDiagnostic } from '../raw-diagnostic.ts';

/** A hook that failed, as pre-commit frames what it printed. */
interface FailedHook {
  readonly id: string;
  readonly exitCode: string | undefined;
  readonly modifiesFiles: boolean;
  /** Of the lines that the hook itself printed. */
  readonly from: number;
  readonly to: number;
}

// black....................................................................Failed · no files.............(no files to check)Skipped
const header = /^\S.*?\.{3,}(?:\([^)]*\))?(Passed|Failed|Skipped)$/;
const hookId = /^- hook id: (\S+)$/;
// Fixing core/a.py (pre-commit-hooks) · Rewriting core/a.py (pyupgrade) · reformatted core/a.py (black)
const changed = /^(?:Fixing|Fixed|Rewriting|Sorting|[Rr]eformatted|Formatted|Modified) (\S.*)$/;
// What pygrep prints: core/a.py:1:import os
const matched = /^(\S[^:]*?\.\w+):(\d+):(.*)$/;
const path = /^[\w.@-][\w./@ -]*\.\w+$/;
const longestMessage = 5;

/**
 * What hooks of pre-commit say that no tool's own form tells: a hook that changed or forbids files, one with a form of its own. `told` are the lines
 * on which something else was found.
 */
export function parsePreCommit(lines: readonly string[], told: ReadonlySet<number>): readonly RawDiagnostic[] {
  return failedHooks(lines).flatMap((hook): readonly RawDiagnostic[] => {
    const { id, from, to } = hook;
    for (let at = from; at <= to; at++) if (told.has(at)) return [];
    const error = { tool: id, code: null, severity: 'error' } as const;
    const found: RawDiagnostic[] = [];
    for (let at = from; at <= to; at++) {
      const line = lines[at] ?? '';
      const [, rewritten] = changed.exec(line) ?? [];
      const [, file, row, text] = matched.exec(line) ?? [];
      if (rewritten !== undefined)
        found.push({ ...error, message: 'changed by the hook', places: [printedPlace(rewritten)], at });
      else if (file !== undefined && text !== undefined)
        found.push({ ...error, message: text.trim(), places: [printedPlace(file, row)], at });
      else if (path.test(line))
        found.push({ ...error, message: 'refused by the hook', places: [printedPlace(line)], at });
    }
    return found.length > 0 ? found : [{ ...error, message: wordsOf(hook, lines), places: [], at: from - 1 }];
  });
}

function wordsOf({ exitCode, modifiesFiles, from, to }: FailedHook, lines: readonly string[]): string {
  const outcome = modifiesFiles ? 'the hook changed files' : `the hook failed (exit code ${exitCode ?? '1'})`;
  const printed = lines.slice(from, to + 1).filter((line) => line.trim() !== '');
  return [outcome, ...printed.slice(0, longestMessage)].join('\n');
}

function failedHooks(lines: readonly string[]): readonly FailedHook[] {
  const headers = lines.flatMap((line, at) => (header.test(line) ? [at] : []));
  return headers.flatMap((at, index): readonly FailedHook[] => {
    const id = hookId.exec(lines[at + 1] ?? '')?.[1];
    if (header.exec(lines[at] ?? '')?.[1] !== 'Failed' || id === undefined) return [];
    let from = at + 2;
    while (/^- (?:duration|exit code|files were)\b/.test(lines[from] ?? '')) from++;
    const frame = lines.slice(at + 2, from);
    const exitCode = frame.map((line) => /^- exit code: (\d+)$/.exec(line)?.[1]).find((code) => code !== undefined);
    const to = (headers[index + 1] ?? lines.length) - 1;
    return [{ id, exitCode, modifiesFiles: frame.includes('- files were modified by this hook'), from, to }];
  });
}
