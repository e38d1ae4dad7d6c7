import type { RawDiagnostic, ToolOutput } from '../raw-diagnostic.ts';

//   3:27  error  'undeclared' is not defined  no-undef   (a parsing error has no rule)
const row = /^ {2,}(\d+):(\d+) {2,}(error|warning) {2,}(\S.*)$/;
const ruleName = /^@?[\w-]+(?:\/[\w-]+)*$/;
const heading = /^(?:\/|[A-Za-z]:\\|\.{0,2}\/?[\w@]).*\.\w+$/;
const end = /^(?:✖|x|×) \d+ problems? \(\d+ errors?, \d+ warnings?\)$/;

// yamllint's rows:   2:1       error    duplication of key "a" in mapping  (key-duplicates)
const ofYamllint = / {2}\([a-z-]+\)$/;

/** eslint's stylish form: a file's path, then a row for each problem. Without the closing count it was something else. */
export function parseEslint({ lines }: ToolOutput): readonly RawDiagnostic[] {
  if (!lines.some((line) => end.test(line))) return [];
  const found: RawDiagnostic[] = [];
  let path: string | undefined;
  lines.forEach((text, at) => {
    const [, line, column, severity, words] = ofYamllint.test(text) ? [] : (row.exec(text) ?? []);
    if (path !== undefined && words !== undefined) {
      const { message, rule } = withoutRule(words.trimEnd());
      const place = { path, line: Number(line), column: Number(column) || null };
      const level = severity === 'error' ? 'error' : 'warning';
      found.push({ tool: 'eslint', code: rule ?? null, severity: level, message, places: [place], at });
    } else path = row.test(lines[at + 1] ?? '') && heading.test(text) ? text : undefined;
  });
  return found;
}

/** The rule's name is the last column. */
function withoutRule(words: string): { readonly message: string; readonly rule?: string } {
  const gap = words.lastIndexOf('  ');
  const rule = words.slice(gap + 2);
  return gap < 0 || !ruleName.test(rule) ? { message: words } : { message: words.slice(0, gap).trimEnd(), rule };
}
