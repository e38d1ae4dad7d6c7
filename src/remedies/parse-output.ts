import { terminalEscapes } from '../core/terminal-escapes.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { emptySubmodules } from './empty-submodules.ts';
import { withFileFacts } from './file-facts.ts';
import { parseAnnotations } from './parsers/annotations.ts';
import { parseBlack } from './parsers/black.ts';
import { parseCoverage } from './parsers/coverage.ts';
import { parseEslint } from './parsers/eslint.ts';
import { parseFlake8 } from './parsers/flake8.ts';
import { parseImportCheck } from './parsers/import-check.ts';
import { parseJest } from './parsers/jest.ts';
import { readJsonReports } from './parsers/json-reports.ts';
import { parseLinters } from './parsers/linters.ts';
import { parseMypy } from './parsers/mypy.ts';
import { parseNotFound } from './parsers/not-found.ts';
import { parseNpm } from './parsers/npm.ts';
import { parsePip } from './parsers/pip.ts';
import { parsePreCommit } from './parsers/pre-commit.ts';
import { parsePylint } from './parsers/pylint.ts';
import { sessions } from './parsers/pytest-session.ts';
import { parsePytest } from './parsers/pytest.ts';
import { parseRegistryFetch } from './parsers/registry-fetch.ts';
import { parseRuff } from './parsers/ruff.ts';
import { parseTraceback } from './parsers/traceback.ts';
import { parseTsc } from './parsers/tsc.ts';
import { parseUsage } from './parsers/usage.ts';
import { parseUv } from './parsers/uv.ts';
import { parseVite } from './parsers/vite.ts';
import { parseVitest } from './parsers/vitest.ts';
import { createPathResolver, type StepLocation } from './path-resolver.ts';
import type { RawDiagnostic, ToolParser } from './raw-diagnostic.ts';
import { withTestFailures, type TestFailure } from './test-failures.ts';

/** What a step printed, and what is known of the step. */
export interface StepOutput extends StepLocation {
  readonly text: string;
  /** The words of its commands, without folders. */
  readonly words: ReadonlySet<string>;
  /** Those of them that name a file by its path, as written. */
  readonly files?: readonly string[];
  /** What its pytest wrote down itself. */
  readonly tests?: readonly TestFailure[];
}

/** The diagnostics parsed from a step's output. */
export interface ParsedOutput {
  /** In the output's order, none twice, at most `mostDiagnostics`. */
  readonly diagnostics: readonly ToolDiagnostic[];
  /** How many more there were. */
  readonly leftOut: number;
}

/** How many diagnostics of one step are kept. */
export const mostDiagnostics = 1000;

/** The parsers of all lines but pytest's own. */
const parsers: readonly ToolParser[] = [
  parseBlack,
  parseFlake8,
  parseRuff,
  parsePylint,
  parseMypy,
  parseTsc,
  parseVite,
  parseVitest,
  parseJest,
  parseEslint,
  parseLinters,
  parseNpm,
  parseRegistryFetch,
  parsePip,
  parseUv,
  parseUsage,
  parseNotFound,
  parseTraceback,
  parseImportCheck,
];

// What a CI system's log puts before each line: GitHub's time, GitLab's time and stream; and GitHub's own commands.
const logPrefix =
  /^\uFEFF?(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (?:\d\d[OE][+ ]?)?)?(?:##\[(?:error|warning|notice|group|debug|command)\])?/;

// No tool's line is longer, and patterns need not look at a megabyte of minified code.
const longestLine = 4000;

/** Parses the tools' diagnostics from a step's output. Pure but for `isFile` and `readText`; output of unknown tools means nothing. */
export function parseOutput({ text, words, files = [], tests = [], readText, ...location }: StepOutput): ParsedOutput {
  const lines = cleanLines(text);
  // What tests print, or programs that they start, is no diagnostic of this step's tools.
  const others = [...lines];
  const shown = [...shownLines(text)];
  for (const { from, to } of sessions(lines)) {
    others.fill('', from, to + 1);
    shown.fill('', from, to + 1);
  }
  const ofTests = withTestFailures(parsePytest({ lines, words }), tests, lines.length);
  // What is printed for GitHub holds the tool's own line, too.
  const annotations = parseAnnotations({ lines: others, words });
  for (const { at } of annotations) others[at] = '';
  const reports = readJsonReports(shown);
  for (const { from, to } of reports.ranges) others.fill('', from, to + 1);
  const rawDiagnostics = [...ofTests, ...annotations, ...reports.diagnostics, ...parseCoverage({ lines, words })];
  for (const parse of parsers) for (const one of parse({ lines: others, words, files })) rawDiagnostics.push(one);
  rawDiagnostics.push(...parsePreCommit(lines, new Set(rawDiagnostics.map(({ at }) => at))));
  rawDiagnostics.sort((a, b) => a.at - b.at);
  const place = createPathResolver(location);
  const placed: ToolDiagnostic[] = [];
  const seen = new Set<string>();
  for (const one of rawDiagnostics) {
    const told = placedDiagnostic(one, place);
    if (told === undefined) continue;
    const diagnostic = readText === undefined ? told : withFileFacts(told, one, { place, readText });
    const key = Object.values(diagnostic).join('\0');
    if (seen.has(key)) continue;
    seen.add(key);
    placed.push(diagnostic);
  }
  const absent = readText === undefined ? [] : emptySubmodules(lines, { ...location, readText });
  const real = [...withoutNested(placed), ...absent];
  return { diagnostics: real.slice(0, mostDiagnostics), leftOut: Math.max(0, real.length - mostDiagnostics) };
}

/** A text's lines as a terminal would leave them. */
export function cleanLines(text: string): readonly string[] {
  return shownLines(text, longestLine);
}

/** The same, with lines of any length; those longer than `longest` are empty. */
function shownLines(text: string, longest = Number.POSITIVE_INFINITY): readonly string[] {
  return text.split('\n').map((line) => {
    if (line.length > longest) return '';
    // What a shell says of a script with Windows line ends has its carriage return in the middle: no terminal's line goes on with `: `.
    const shown = line
      .replace(/(: Illegal option -)\r+$/, '$1\\r')
      .replace(/\r+$/, '')
      .replace(/\r(?=: )/g, '\\r');
    return (
      shown
        .slice(shown.lastIndexOf('\r') + 1)
        .replace(terminalEscapes, '')
        // oxlint-disable-next-line no-control-regex
        .replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
        .replace(logPrefix, '')
    );
  });
}

function placedDiagnostic(raw: RawDiagnostic, place: (printed: string) => string | null): ToolDiagnostic | undefined {
  const { tool, code, severity, message, places, test, phase } = raw;
  const base = { tool, code, severity, message };
  const ofTest = { ...(test === undefined ? {} : { test }), ...(phase === undefined ? {} : { phase }) };
  for (const { path, line, column } of places) {
    const file = place(path);
    if (file !== null) return { ...base, file, line, column, ...ofTest };
  }
  // A warning or a note about somebody else's code leaves nothing to do here.
  if (severity !== 'error' && places.length > 0) return undefined;
  const nowhere = { file: null, line: null, column: null };
  const [first] = places;
  if (first === undefined || test !== undefined) return { ...base, ...nowhere, ...ofTest };
  const where = [first.path, first.line, first.column].filter((part) => part !== null).join(':');
  return { ...base, message: `${where}: ${message}`, ...nowhere };
}

/** Without the failures of pytest runs that a test made and printed: their files are in no repository. */
function withoutNested(diagnostics: readonly ToolDiagnostic[]): readonly ToolDiagnostic[] {
  const isTest = ({ test }: ToolDiagnostic): boolean => test !== undefined;
  if (!diagnostics.some((one) => isTest(one) && one.file !== null)) return diagnostics;
  return diagnostics.filter((one) => !isTest(one) || one.file !== null);
}
