import type { Said, ToolOutput } from '../said.ts';

//   3:27  error  'undeclared' is not defined  no-undef   (a parsing error has no rule)
const row = /^ {2,}(\d+):(\d+) {2,}(error|warning) {2,}(\S.*?)(?: {2,}(@?[\w-]+(?:\/[\w-]+)*))?\s*$/;
const heading = /^(?:\/|[A-Za-z]:\\|\.{0,2}\/?[\w@])\S*.*\.\w+$/;
const end = /^(?:✖|x|×) \d+ problems? \(\d+ errors?, \d+ warnings?\)$/;

/** eslint's stylish form: a file's path, then a row for each problem. Without the closing count it was something else. */
export function parseEslint({ lines }: ToolOutput): readonly Said[] {
  if (!lines.some((line) => end.test(line))) return [];
  const found: Said[] = [];
  let path: string | undefined;
  lines.forEach((text, at) => {
    const [, line, column, severity, message, rule] = row.exec(text) ?? [];
    if (path !== undefined && message !== undefined) {
      const place = { path, line: Number(line), column: Number(column) || null };
      const level = severity === 'error' ? 'error' : 'warning';
      found.push({ tool: 'eslint', code: rule ?? null, severity: level, message, places: [place], at });
    } else path = heading.test(text) && row.test(lines[at + 1] ?? '') ? text : undefined;
  });
  return found;
}
