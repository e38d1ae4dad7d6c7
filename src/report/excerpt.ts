import { pytestFailureLines } from './pytest-excerpt.ts';

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
 * (not the dots and the coverage table between, and what a failing test printed before the source of other people's code), else the end. What says nothing of the failure is left out of any: npm's page of
 * options, and warnings before pytest's failures.
 */
export function excerpt(lines: readonly string[], limit = excerptLines): Excerpt {
  const all = trimBlank(lines);
  const withoutMarkers = all.filter((line) => !parityMarker.test(line));
  const relevant = trimBlank(withoutWarnings(withoutNpmUsage(withoutMarkers)));
  const shortened = relevant.length < all.length;
  if (relevant.length <= limit) return { lines: relevant, shortened };
  const failures = relevant.findIndex((line) => pytestFailures.test(plain(line)));
  const summary = findLastIndex(relevant, (line) => pytestSummary.test(plain(line)));
  if (failures < 0 || summary < failures) return { lines: relevant.slice(-limit), shortened: true };
  const table = relevant.findIndex((line, index) => index > failures && coverageTable.test(plain(line)));
  const tail = relevant.slice(summary).slice(-Math.floor(limit / 2));
  const body = relevant.slice(failures, table > failures && table < summary ? table : summary);
  return { lines: [...pytestFailureLines(body, limit - tail.length, plain), ...tail], shortened: true };
}

/** npm prints a command's whole help below what is wrong (EUSAGE): `Clean install a project`, `Usage:` and a hundred lines of options. */
function withoutNpmUsage(lines: readonly string[]): readonly string[] {
  const usage = lines.findIndex((line) => npmUsage.test(plain(line)));
  const end = lines.findIndex((line, index) => index > usage && npmHelp.test(plain(line)));
  if (usage < 0 || end < 0) return lines;
  // An empty line, what the command does, an empty line, then `Usage:`.
  const isBare = (index: number): boolean => npmBare.test(plain(lines[index] ?? ''));
  const from = isBare(usage - 1) && isBare(usage - 3) ? usage - 3 : usage;
  return [...lines.slice(0, from), ...lines.slice(end + 1)];
}

/** Python's warnings (of plugins, mostly) come before pytest's first word; a failure is none of their doing. */
function withoutWarnings(lines: readonly string[]): readonly string[] {
  const failures = lines.findIndex((line) => pytestFailures.test(plain(line)));
  const isWarned = lines.slice(0, Math.max(0, failures)).some((line) => pythonWarning.test(plain(line)));
  return isWarned ? lines.slice(failures) : lines;
}

/**
 * The one line that says most of what is wrong, for a recap: a failed test, a compiler's or linter's first error, else the
 * first line that speaks of an error, else the last line. Empty when there is no output.
 */
export function headline(lines: readonly string[]): string {
  const texts = lines.map((line) => plain(line).trim()).filter((line) => line !== '');
  for (const pattern of headlinePatterns) {
    const found = texts.find((line) => pattern.test(line));
    if (found !== undefined) return found;
  }
  return texts.at(-1) ?? '';
}

/** The first line that names a place in a file (`core/app.py:12: …`, `src/App.tsx(3,22): …`), trimmed; undefined when none does. */
export function lineAbout(
  { file, line }: { readonly file: string | null; readonly line: number | null },
  lines: readonly string[],
): string | undefined {
  if (file === null || line === null) return undefined;
  return lines
    .map((text) => plain(text).trim())
    .find((text) => {
      const [, printed] = /^([^\s:()]+)(?::(?=\d)|\((?=\d+,))/.exec(text) ?? [];
      if (printed === undefined) return false;
      const path = printed.replace(/^(?:\/workspace\/|\.\/)/, '');
      const [place = '', number] = /^(\d+)[^\s]*/.exec(text.slice(printed.length + 1)) ?? [];
      // `core/tests/test_cart.py:12: AssertionError` names a place and says nothing.
      if (!/\S\s+\S/.test(text.slice(printed.length + 1 + place.length))) return false;
      return Number(number) === line && (file === path || file.endsWith(`/${path}`));
    });
}

// What parity's own pytest plugin prints for `--repeat`.
const parityMarker = /^parity: fixtures of /;
const npmUsage = /^npm (?:error|ERR!) Usage:$/;
const npmHelp = /^npm (?:error|ERR!) Run "npm help \S+" for more info$/;
const npmBare = /^npm (?:error|ERR!)\s*$/;
// /opt/parity/lib/python3.11/site-packages/pytest_asyncio/plugin.py:306: PytestDeprecationWarning: The configuration option …
const pythonWarning = /^\S+\.py:\d+: \w*Warning: /;
const pytestFailures = /^=+ (FAILURES|ERRORS) =+$/;
const pytestSummary = /^=+ short test summary info =+$/;
const coverageTable = /^(-+ coverage: .*-+|=+ tests coverage =+)$/;

const headlinePatterns = [
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
