import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

const header = /^Traceback \(most recent call last\):$/;
//   File "/workspace/core/app.py", line 8, in main
const frame = /^ {2}File "(.+?)", line (\d+)(?:, in .+)?$/;
// ValueError: negative · sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection refused
const exception = /^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?:: (.*))?$/;
const chained =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:)$/;
// Python prints these tracebacks and goes on.
const harmless = /^(?:Exception ignored in|Exception in thread|Task exception was never retrieved|\w+ exception in )/;
// What may come right below a message and is none of it.
const stranger = /^(?:make(?:\[\d+\])?: \*{3} |npm (?:error|ERR!)|Error: Process completed )/;
// Python's own files and those of installed packages: nobody's to mend.
const foreign = /^<|\/(?:site|dist)-packages\/|^\/usr\/|\/bin\/[\w.-]+$/;
const longestMessage = 12;
// An exception ends its program: little is printed after it.
const mostAfter = 6;

/**
 * The exception that ended a Python program which is none of the tools that are known better: its last traceback, when next to nothing
 * comes after it. Places: from the deepest frame up.
 */
export function parseTraceback({ lines }: ToolOutput): readonly RawDiagnostic[] {
  let last: { readonly diagnostic: RawDiagnostic; readonly end: number } | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    if (!header.test(lines[at] ?? '') && !isSyntaxError(lines, at)) continue;
    const read = readTraceback(lines, at);
    if (read === undefined) continue;
    if (!harmless.test(lines[at - 1] ?? '')) last = read;
    at = read.end;
  }
  if (last === undefined) return [];
  const after = lines.slice(last.end + 1).filter((line) => line !== '').length;
  return after > mostAfter ? [] : [last.diagnostic];
}

/** A script that can't be compiled has no frames and no heading. */
function isSyntaxError(lines: readonly string[], at: number): boolean {
  return (
    frame.test(lines[at] ?? '') &&
    lines.slice(at + 1, at + 5).some((line) => /^(?:Syntax|Indentation|Tab)Error: /.test(line))
  );
}

function readTraceback(lines: readonly string[], from: number): { diagnostic: RawDiagnostic; end: number } | undefined {
  const places: PrintedPlace[] = [];
  let at = header.test(lines[from] ?? '') ? from + 1 : from;
  for (; /^\s/.test(lines[at] ?? ''); at += 1) {
    const [, path, line] = frame.exec(lines[at] ?? '') ?? [];
    if (path !== undefined) places.unshift(printedPlace(path, line));
  }
  const [, name] = exception.exec(lines[at] ?? '') ?? [];
  if (name === undefined || places.length === 0) return undefined;
  let end = at;
  while (end - at < longestMessage && (lines[end + 1] ?? '') !== '' && !isOther(lines, end + 1)) end += 1;
  if (chained.test(lines[end + 2] ?? '') && header.test(lines[end + 4] ?? '')) return readTraceback(lines, end + 4);
  const message = lines
    .slice(at, end + 1)
    .join('\n')
    .trimEnd();
  const diagnostic: RawDiagnostic = {
    tool: programOf(places),
    code: name.slice(name.lastIndexOf('.') + 1),
    severity: 'error',
    message,
    places: places.filter(({ path }) => !foreign.test(path)),
    at: from,
  };
  return { diagnostic, end };
}

function isOther(lines: readonly string[], at: number): boolean {
  const text = lines[at] ?? '';
  return stranger.test(text) || header.test(text) || harmless.test(text);
}

/** The program by its outermost frame: a script below bin, a package's `__main__.py`; else Python itself. */
function programOf(places: readonly PrintedPlace[]): string {
  for (const { path } of places.toReversed()) {
    if (path.startsWith('<frozen ')) continue;
    const module = /\/(?:site|dist)-packages\/([\w.-]+)\/__main__\.py$/.exec(path)?.[1];
    return module ?? /\/bin\/([\w.-]+)$/.exec(path)?.[1] ?? 'python';
  }
  return 'python';
}
