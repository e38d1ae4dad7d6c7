import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

const error = /^error: (\S.*)$/;
//   cause: failed to lookup address information: … · in older versions: Caused by: …
const cause = /^ {2,}(?:Caused by|cause): (\S.*)$/;
// In older versions:   × No solution found when resolving dependencies:, then ╰─▶ Because … and lines below its words
const crossed = /^ {2}× (\S.*)$/;
const arrow = /^ {2,}(?:╰─▶|├─▶) (\S.*)$/;
const goesOn = /^ {2,}(?:│ )? {2,}(\S.*)$/;
const help = /^(?: {2}help|hint): (\S.*)$/;
// Of its errors without a cause, those that are surely its own: other programs that it runs say `error: …`, too.
const own = [
  'The lockfile at ',
  'Unable to find lockfile',
  'Failed to ',
  'No virtual environment found',
  'No interpreter found',
  'No `pyproject.toml` found',
  'Distribution not found',
  'Requirements file not found',
  'File not found: ',
  "Couldn't parse requirement",
  'The requested Python',
  'The requested interpreter',
  'The current Python',
  'Project virtual environment',
  'Network connectivity is disabled',
  'Hash mismatch',
] as const;
const longestMessage = 14;

/** uv's errors with their causes, and why it finds no solution. */
export function parseUv({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const isNamed = words.has('uv') || words.has('uvx');
  const found: RawDiagnostic[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const begun = at;
    const headline = error.exec(text)?.[1] ?? crossed.exec(text)?.[1];
    if (headline === undefined || text.startsWith('error: cannot format ')) continue;
    const more: string[] = [];
    for (let next = moreOf(lines[at + 1]); next !== undefined; next = moreOf(lines[at + 1])) {
      more.push(next);
      at += 1;
    }
    const hint = lines[at + 1] === '' ? help.exec(lines[at + 2] ?? '')?.[1] : undefined;
    if (hint !== undefined) more.push(`hint: ${hint}`);
    // pip draws other arrows, and nobody else has causes below an error.
    const isCross = crossed.test(text);
    const isUv = isCross
      ? arrow.test(lines[begun + 1] ?? '')
      : cause.test(lines[begun + 1] ?? '') || (isNamed && own.some((words) => headline.startsWith(words)));
    if (!isUv) continue;
    const message = [headline, ...more].slice(0, longestMessage).join('\n');
    const lockFile = /lockfile(?: at)? `([^`]+)`/.exec(headline)?.[1];
    const places = lockFile === undefined ? [] : [printedPlace(lockFile)];
    found.push({ tool: 'uv', code: null, severity: 'error', message, places, at: begun });
  }
  return found;
}

function moreOf(line: string | undefined): string | undefined {
  const text = line ?? '';
  const caused = cause.exec(text)?.[1];
  if (caused !== undefined) return caused;
  const helped = help.exec(text)?.[1];
  if (helped !== undefined) return `hint: ${helped}`;
  return arrow.exec(text)?.[1] ?? goesOn.exec(text)?.[1];
}
