import type { Severity } from '../../core/diagnostic.ts';
import { readJson } from '../../core/json.ts';
import { printedPlace, type RawDiagnostic } from '../raw-diagnostic.ts';

/** What was found in JSON, and the lines that it was read from. */
export interface JsonReports {
  readonly diagnostics: readonly RawDiagnostic[];
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

type Item = Readonly<Record<string, unknown>>;

/**
 * The reports that linters write as JSON: ruff (also a line for each), eslint, stylelint, pylint (json, json2), bandit. Reads lines of any length.
 * Pure; JSON of others means nothing.
 */
export function readJsonReports(lines: readonly string[]): JsonReports {
  const diagnostics: RawDiagnostic[] = [];
  const ranges: { from: number; to: number }[] = [];
  const ends = { '[': lines.lastIndexOf(']'), '{': lines.lastIndexOf('}') };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const to =
      line === '[' || line === '{' ? endOf(lines, at, ends[line]) : /^(?:\[\s*)?\{"/.test(line) ? at : undefined;
    const report =
      to === undefined ? undefined : readJson<unknown>(lines.slice(at, to + 1).join('\n'), (value) => value);
    const found = report === undefined ? [] : diagnosticsOf(report, at);
    if (to === undefined) continue;
    if (found.length > 0) {
      diagnostics.push(...found);
      ranges.push({ from: at, to });
    }
    // Also what is no report is looked at once.
    at = to;
  }
  return { diagnostics, ranges };
}

/** Where a report that begins alone on its line ends so; undefined when it does not. */
function endOf(lines: readonly string[], from: number, last: number): number | undefined {
  // An item, a key or the end must follow: logs have brackets of other kinds.
  if (last < from || !/^\s+["{]/.test(lines[from + 1] ?? '')) return undefined;
  const end = lines.indexOf(lines[from] === '[' ? ']' : '}', from);
  return end < 0 ? undefined : end;
}

function diagnosticsOf(report: unknown, at: number): readonly RawDiagnostic[] {
  const { results, messages } = itemOf(report);
  const items = Array.isArray(report) ? itemsOf(report) : [...itemsOf(results), ...itemsOf(messages)];
  return (items.length > 0 ? items : [itemOf(report)]).flatMap((item) => oneItem(item, at));
}

function oneItem(item: Item, at: number): readonly RawDiagnostic[] {
  const path = textOf(item['filePath']) ?? textOf(item['source']);
  if (path !== undefined && Array.isArray(item['messages']))
    return itemsOf(item['messages']).flatMap((one) =>
      diagnostic('eslint', { ...one, path, severity: one['severity'] === 2 ? 'error' : 'warning' }, one['ruleId'], at),
    );
  if (path !== undefined && Array.isArray(item['warnings']))
    return itemsOf(item['warnings']).flatMap((one) => {
      const message = textOf(one['text'])?.replace(/ \([\w@/-]+\)$/, '');
      return diagnostic('stylelint', { ...one, path, message }, one['rule'], at);
    });
  const { row, column } = itemOf(item['location']);
  if ('filename' in item && row !== undefined)
    return diagnostic(
      'ruff',
      { ...item, path: item['filename'], line: row, column, severity: 'error' },
      item['code'],
      at,
    );
  if ('test_id' in item) {
    const severity = item['issue_severity'] === 'LOW' ? 'warning' : 'error';
    const place = { path: item['filename'], line: item['line_number'], column: shifted(item['col_offset']) };
    return diagnostic('bandit', { ...place, message: item['issue_text'], severity }, item['test_id'], at);
  }
  const code = textOf(item['message-id']) ?? textOf(item['messageId']);
  if (code === undefined || !/^[CRWEFI]\d{4}$/.test(code)) return [];
  const severity = /^[EF]/.test(code) ? 'error' : code.startsWith('W') ? 'warning' : 'note';
  return diagnostic('pylint', { ...item, column: shifted(item['column']), severity }, code, at);
}

function diagnostic(tool: string, item: Item, code: unknown, at: number): readonly RawDiagnostic[] {
  const [path, message] = [textOf(item['path']), textOf(item['message'])];
  if (path === undefined || message === undefined) return [];
  const place = printedPlace(path, String(item['line'] ?? ''), String(item['column'] ?? ''));
  const severity = (['error', 'warning', 'note'] as readonly Severity[]).find((each) => each === item['severity']);
  return [{ tool, code: textOf(code) ?? null, severity: severity ?? 'error', message, places: [place], at }];
}

/** Columns that count from 0. */
function shifted(column: unknown): unknown {
  return typeof column === 'number' ? column + 1 : undefined;
}

function itemOf(value: unknown): Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Item) : {};
}

function itemsOf(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.map(itemOf) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
