import type { Severity } from '../../core/diagnostic.ts';
import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

interface LineForm {
  readonly tool: string;
  /** Groups: path, line, column, code, message, level. */
  readonly pattern: RegExp;
  /** For all that it says; otherwise its `level`. */
  readonly severity?: Severity;
  readonly message?: string;
}

const path = String.raw`(?<path>[^\s"'<>|+-][^"<>|]*?\.\w+)`;
const rule = String.raw`(?<code>@?[\w-]+(?:/[\w-]+)*)`;

/** Tools that say everything in one line. */
const forms: readonly LineForm[] = [
  // ERROR: /workspace/core/typed.py Imports are incorrectly sorted and/or formatted.
  {
    tool: 'isort',
    pattern: new RegExp(String.raw`^ERROR: ${path} (?<message>Imports are incorrectly sorted and/or formatted)\.$`),
  },
  // [warn] web/plain.js · [error] web/bad.js: SyntaxError: Unexpected token (1:7)
  { tool: 'prettier', pattern: new RegExp(String.raw`^\[warn\] ${path}$`), message: 'would be reformatted' },
  {
    tool: 'prettier',
    pattern: new RegExp(
      String.raw`^\[error\] ${path}: (?<code>\w*Error): (?<message>\S.*) \((?<line>\d+):(?<column>\d+)\)$`,
    ),
  },
  // odd/settings.yml:2:1: [error] duplication of key "a" in mapping (key-duplicates)
  {
    tool: 'yamllint',
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+):(?<column>\d+): \[(?<level>error|warning)\] (?<message>\S.*) \((?<code>[a-z-]+)\)$`,
    ),
  },
  // web/plain.js:3:7: 'unused' is assigned a value but never used. [Error/no-unused-vars]
  {
    tool: 'eslint',
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+):(?<column>\d+): (?<message>\S.*) \[(?<level>Error|Warning)(?:/${rule})?\]$`,
    ),
  },
  // web/plain.js: line 3, col 7, Error - 'unused' is assigned a value but never used. (no-unused-vars)
  {
    tool: 'eslint',
    pattern: new RegExp(
      String.raw`^${path}: line (?<line>\d+), col (?<column>\d+), (?<level>Error|Warning) - (?<message>\S.*?)(?: \(${rule}\))?$`,
    ),
  },
  // web/bad.css:1:18: Unknown property "colr" (property-no-unknown) [error]
  {
    tool: 'stylelint',
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+):(?<column>\d+): (?<message>\S.*?) \(${rule}\) \[(?<level>error|warning)\]$`,
    ),
  },
  // web/bad.css: line 1, col 18, error - Unknown property "colr" (property-no-unknown)
  {
    tool: 'stylelint',
    pattern: new RegExp(
      String.raw`^${path}: line (?<line>\d+), col (?<column>\d+), (?<level>error|warning) - (?<message>\S.*?)(?: \(${rule}\))?$`,
    ),
  },
];

// Most lines say nothing: they need not be held against all forms.
const maySay = /^(?:ERROR: |\[(?:warn|error)\] )|(?:\]|\))$|: line \d+, col /;

/** The rows that stand below the path of their file: `  1:18  ✖  Unknown property "colr"  property-no-unknown`. */
const rows: readonly (Pick<LineForm, 'tool' | 'pattern'> & { readonly heading: RegExp })[] = [
  {
    tool: 'yamllint',
    heading: /^(\S.*)$/,
    pattern: /^ {2}(?<line>\d+):(?<column>\d+) +(?<level>error|warning) +(?<message>\S.*?) {2}\((?<code>[a-z-]+)\)$/,
  },
  {
    tool: 'stylelint',
    heading: /^(\S.*\.\w+)$/,
    pattern:
      /^ +(?<line>\d+):(?<column>\d+) +(?<level>[✖×⚠‼]) +(?<message>\S.*?)(?: {2,}(?<code>@?[\w-]+(?:\/[\w-]+)*))?$/,
  },
  {
    // core/unformatted.py: / 1:1  E401 [*] Multiple imports on one line
    tool: 'ruff',
    heading: /^(\S.*\.(?:pyi?|ipynb|toml)):$/,
    pattern:
      /^ {2,}(?<line>\d+):(?<column>\d+) +(?<code>[A-Z]{1,10}\d{1,6}|[a-z]+(?:-[a-z]+)*(?=:)):? (?:\[\*\] )?(?<message>\S.*)$/,
  },
];

/** Linters with forms of their own: isort, prettier, yamllint, stylelint, eslint (unix, compact), ruff (grouped), pydocstyle, bandit. */
export function parseLinters({ lines }: ToolOutput): readonly RawDiagnostic[] {
  const paths = rows.map((): string | undefined => undefined);
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    for (const [index, { tool, heading, pattern }] of rows.entries()) {
      const groups = paths[index] === undefined ? undefined : pattern.exec(text)?.groups;
      if (groups !== undefined) return [diagnostic(tool, { ...groups, path: paths[index] }, at)];
      paths[index] = pattern.test(lines[at + 1] ?? '') ? heading.exec(text)?.[1] : undefined;
    }
    if (!maySay.test(text)) return [...pydocstyle(lines, at), ...bandit(lines, at)];
    for (const { tool, pattern, message } of forms) {
      const groups = pattern.exec(text)?.groups;
      if (groups !== undefined)
        return [diagnostic(tool, { ...groups, ...(message === undefined ? {} : { message }) }, at)];
    }
    return [];
  });
}

// core/typed.py:13 in public function `pick`: / D103: Missing docstring in public function
function pydocstyle(lines: readonly string[], at: number): readonly RawDiagnostic[] {
  const place = /^(?<path>\S.*\.pyi?):(?<line>\d+) (?:in|at) \S.*:$/.exec(lines[at] ?? '')?.groups;
  const said =
    place === undefined ? undefined : /^ {8}(?<code>D\d{3}): (?<message>\S.*)$/.exec(lines[at + 1] ?? '')?.groups;
  return said === undefined ? [] : [diagnostic('pydocstyle', { ...place, ...said }, at)];
}

// >> Issue: [B101:assert_used] Use of assert detected. … /    Severity: Low   Confidence: High / … /    Location: odd/plugins.py:7:8
function bandit(lines: readonly string[], at: number): readonly RawDiagnostic[] {
  const said = /^>> Issue: \[(?<code>B\d{3}):\w+\] (?<message>\S.*)$/.exec(lines[at] ?? '')?.groups;
  if (said === undefined) return [];
  const block = lines.slice(at + 1, at + 7);
  const place = block
    .map((line) => /^ {3}Location: (?<path>\S.*?):(?<line>\d+)(?::(?<column>\d+))?$/.exec(line)?.groups)
    .find((groups) => groups !== undefined);
  if (place === undefined) return [];
  const isLow = block.some((line) => line.startsWith('   Severity: Low'));
  const column = place['column'] === undefined ? undefined : String(Number(place['column']) + 1);
  return [diagnostic('bandit', { ...place, ...said, column, level: isLow ? 'warning' : 'error' }, at)];
}

function diagnostic(tool: string, said: Readonly<Record<string, string | undefined>>, at: number): RawDiagnostic {
  const place = printedPlace(said['path'] ?? '', said['line'], said['column']);
  const severity: Severity = /^(?:warning|⚠|‼)$/i.test(said['level'] ?? '') ? 'warning' : 'error';
  return { tool, code: said['code'] ?? null, severity, message: said['message']?.trim() ?? '', places: [place], at };
}
