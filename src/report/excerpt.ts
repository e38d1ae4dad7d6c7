/** How many lines of a failing step are shown. */
export const excerptLines = 60;

/** The part of an output that says what is wrong. */
export interface Excerpt {
  readonly lines: readonly string[];
  /** True when lines of the output are not among them. */
  readonly shortened: boolean;
}

/**
 * Picks the lines of a failing step to show: all when they fit, of a pytest run the failures and the short summary
 * (not the dots and the coverage table between), else the end.
 */
export function excerpt(lines: readonly string[], limit = excerptLines): Excerpt {
  const trimmed = trimBlank(lines);
  if (trimmed.length <= limit) return { lines: trimmed, shortened: false };
  const failures = trimmed.findIndex((line) => pytestFailures.test(plain(line)));
  const summary = findLastIndex(trimmed, (line) => pytestSummary.test(plain(line)));
  if (failures < 0 || summary < failures) return { lines: trimmed.slice(-limit), shortened: true };
  const table = trimmed.findIndex((line, index) => index > failures && coverageTable.test(plain(line)));
  const tail = trimmed.slice(summary).slice(-Math.floor(limit / 2));
  const body = trimmed.slice(failures, table > failures && table < summary ? table : summary);
  return { lines: [...body.slice(0, limit - tail.length), ...tail], shortened: true };
}

/**
 * The one line that says most of what is wrong, for a recap: a failed test, a compiler's or linter's first error, else the
 * first line that speaks of an error, else the last line. Empty when there is no output.
 */
export function headline(lines: readonly string[]): string {
  const texts = lines.map((line) => plain(line).trim()).filter((line) => line !== '');
  for (const telling of tellings) {
    const found = texts.find((line) => telling.test(line));
    if (found !== undefined) return found;
  }
  return texts.at(-1) ?? '';
}

const pytestFailures = /^=+ (FAILURES|ERRORS) =+$/;
const pytestSummary = /^=+ short test summary info =+$/;
const coverageTable = /^(-+ coverage: .*-+|=+ tests coverage =+)$/;

const tellings = [
  /^(FAILED|ERROR) \S+/,
  /^would reformat /,
  /^error: cannot format /,
  // file:line:column: CODE text · file:line: error: text · file(line,column): error TS2307: text
  /^\S[^:]*:\d+(:\d+)?: (error|[A-Z]+\d+)\b/,
  /\(\d+,\d+\): error\b/,
  /\berror\b/i,
];

function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replace(/\u001B\[[0-9;]*m/g, '');
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0) return [];
  return lines.slice(first, findLastIndex(lines, (line) => line.trim() !== '') + 1);
}

function findLastIndex(lines: readonly string[], test: (line: string) => boolean): number {
  for (let index = lines.length - 1; index >= 0; index -= 1) if (test(lines[index] ?? '')) return index;
  return -1;
}
