import type { Severity } from '../../core/diagnostic.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// core/models.py:12: error: Incompatible default …  [assignment] · with --show-column-numbers 12:5, with --show-error-end 12:5:12:9;
// about a file as a whole without any: ../core/pricing.py: error: Duplicate module named "pricing" …; about its settings: mypy.ini:1: error: …
const textDiagnostic =
  /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|ini|cfg|toml)):(?:(\d+):(?:(\d+):(?:\d+:\d+:)?)?)? (error|warning|note): (.*)$/;
// mypy: can't read file 'core/nowhere.py': No such file or directory
const trouble = /^mypy: (?:error: )?(\S.*)$/;
// mypy.ini: [mypy]: Unrecognized option: strictt = True
const setting =
  /^(\S[^:]*\.(?:ini|cfg|toml)): (\[\S.*\]: \S.*|Source contains parsing errors.*|No \[mypy\] section in config file)$/;
const code = /\s+\[([a-z][a-z0-9-]*)\]$/;
// Under the source line that --pretty shows.
const marker = /^\s+\^~*(?:\.\.\.)?$/;
const end = /^(?:Found \d+ errors? in |Success: )/;
// With --show-error-context, before the error: core/models.py: note: In member "move" of class "Account":
const context = /^In (?:function|member|class|lambda)\b.*:$/;
const topLevel = /^At top level:$/;
// Before an error of another module: core/app.py:5: note: In module imported here:
const imported = /^(?:In module imported here|\.\.\. from here)[:,]$/;
// After a wrong call, at the place of what was called: core/pricing.py:6: note: "total" defined here
const definedHere = /^".+"(?: of ".+")? defined here$/;
// A message takes no more lines than this in 80 columns.
const longestWrapped = 15;

/** mypy in each of its forms; the notes that follow an error at the same place belong to its message. */
export function parseMypy({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const found: RawDiagnostic[] = [];
  const isNamed = words.has('mypy') || words.has('dmypy');
  let around: { readonly path: string; readonly text: string } | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const ofJson = text.startsWith('{"file": ') ? jsonDiagnostic(text, at) : undefined;
    if (ofJson !== undefined) {
      found.push(ofJson);
      continue;
    }
    const [, path, line, column, severity, first] = textDiagnostic.exec(text) ?? [];
    if (path === undefined || first === undefined) {
      if (isNamed) found.push(...unplaced(text, at));
      continue;
    }
    if (line === undefined && severity === 'note' && (context.test(first) || topLevel.test(first))) {
      around = context.test(first) ? { path, text: first.slice(0, -1) } : undefined;
      continue;
    }
    if (imported.test(first)) continue;
    const place = printedPlace(path, line, column);
    const whole = first.startsWith('INTERNAL ERROR') ? broken(lines, at, first) : unwrapped(lines, at, first);
    const message = whole.replace(code, '').trimEnd();
    const last = found.at(-1);
    const previous = last?.places[0];
    if (severity === 'note' && last?.severity === 'error') {
      const here = previous?.path === path && previous.line === place.line;
      if (here || definedHere.test(message)) {
        const more = here ? message : `${line === undefined ? path : `${path}:${line}`}: ${message}`;
        found[found.length - 1] = { ...last, message: `${last.message}\n${more}` };
        continue;
      }
    }
    found.push({
      tool: 'mypy',
      code: code.exec(whole)?.[1] ?? null,
      severity: severityOf(severity),
      message: around?.path === path ? `${message}\n${around.text}` : message,
      places: [place],
      at,
    });
  }
  return found;
}

/** What it says of its command line and its settings. */
function unplaced(text: string, at: number): readonly RawDiagnostic[] {
  const [, file, wrong] = setting.exec(text) ?? [];
  if (file !== undefined && wrong !== undefined)
    return [{ tool: 'mypy', code: null, severity: 'warning', message: wrong, places: [printedPlace(file)], at }];
  const message = trouble.exec(text)?.[1];
  return message === undefined ? [] : [{ tool: 'mypy', code: null, severity: 'error', message, places: [], at }];
}

/** A line of `--output json`; its notes are one string, its columns count from 0. */
function jsonDiagnostic(text: string, at: number): RawDiagnostic | undefined {
  const one = readJson(text, shaped(isObject));
  if (one === undefined) return undefined;
  const { file, line, column, message, hint, severity } = one;
  if (typeof file !== 'string' || typeof message !== 'string' || typeof severity !== 'string') return undefined;
  const shownColumn = typeof column === 'number' && column >= 0 ? String(column + 1) : null;
  return {
    tool: 'mypy',
    code: typeof one['code'] === 'string' ? one['code'] : null,
    severity: severityOf(severity),
    message: typeof hint === 'string' && hint !== '' ? `${message}\n${hint}` : message,
    places: [printedPlace(file, typeof line === 'number' ? String(line) : null, shownColumn)],
    at,
  };
}

function severityOf(word: string | undefined): Severity {
  return word === 'error' || word === 'warning' ? word : 'note';
}

/** mypy's own breakdown, up to its version. */
function broken(lines: readonly string[], at: number, first: string): string {
  const rest = lines.slice(at + 1, at + 5);
  const end = rest.findIndex((line) => line.startsWith('version: '));
  return [first, ...rest.slice(0, end + 1)].join('\n');
}

/** The message in one line. With --pretty it goes on in the lines below, up to the source line and its marker. */
function unwrapped(lines: readonly string[], at: number, first: string): string {
  if (code.test(first)) return first;
  const parts = [first];
  for (let next = at + 1; next <= at + longestWrapped; next += 1) {
    const text = lines[next] ?? '';
    if (/^\s/.test(text)) return marker.test(lines[next + 1] ?? '') ? parts.join(' ') : first;
    if (text === '' || textDiagnostic.test(text) || end.test(text)) return first;
    parts.push(text);
  }
  return first;
}
