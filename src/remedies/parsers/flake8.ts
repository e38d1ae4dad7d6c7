import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// core/app.py:3:1: E302 expected 2 blank lines, found 0 · ruff: core/app.py:1:8: F401 [*] `os` imported but unused
const plain =
  /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|pyx|ipynb|toml)):(\d+):(?:(\d+):)? ([A-Z]{1,10}\d{1,6}):? (?:\[\*\] )?(\S.*)$/;
// A plugin may have a code without a number, which too many other things look like: only where flake8 was called by its name.
const numberless = /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|pyx|ipynb)):(\d+):(\d+): ([A-Z]{1,3}):? (\S.*)$/;
// flake8 --format=pylint: core/app.py:3: [E302] expected 2 blank lines, found 0
const pylintForm = /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|pyx|ipynb)):(\d+):() \[([A-Z]{1,10}\d{1,6})\] (\S.*)$/;
// pylint's own: core/app.py:7:14: E0602: Undefined variable 'x' (undefined-variable)
const ofPylint = /: [CRWEFI]\d{4}: \S.* \([a-z][\w-]*\)$/;
const critical = /^There was a critical error during execution of Flake8:$/;
// What follows it up to the first of these, or to an empty line.
const afterCritical = /^(?:$|Traceback |Run flake8 with greater verbosity)/;

const families = ['flake8', 'ruff', 'pycodestyle', 'pyflakes', 'pydocstyle'] as const;
// Ruff's own prefixes, which no flake8 plugin has; and how it ends.
const ruffOnly = /^(?:RUF|PLC|PLE|PLR|PLW|FURB|AIR|FAST|DOC)\d/;
const ruffEnd =
  /^(?:Found \d+ errors?(?: \(\d+ fixed, \d+ remaining\))?\.|\[\*\] \d+ fixable with the `--fix` option.*|\[\*\] \d+ fixable with `--fix`.*)$/;

/** flake8 with any plugin, and the tools of the same form: ruff (concise), pycodestyle. */
export function parseFlake8({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const named = families.filter((tool) => words.has(tool));
  const ruffEnds = lines.some((line) => ruffEnd.test(line));
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    if (critical.test(text)) return criticalError(lines, at);
    const anyCode = named[0] === 'flake8' ? numberless.exec(text) : null;
    const [, path, line, column, code, message] = plain.exec(text) ?? pylintForm.exec(text) ?? anyCode ?? [];
    if (path === undefined || code === undefined || message === undefined || ofPylint.test(text)) return [];
    const isRuff = ruffOnly.test(code) || text.includes(` ${code} [*] `) || (ruffEnds && named.length !== 1);
    const tool = isRuff ? 'ruff' : named.length === 1 ? (named[0] ?? 'flake8') : 'flake8';
    // About a file as a whole (it can't be read): line 0.
    const place = printedPlace(path, line, line === '0' ? null : column);
    return [{ tool, code, severity: 'error', message, places: [place], at }];
  });
}

/** flake8 could not go on: a plugin broke, or its settings make no sense. */
function criticalError(lines: readonly string[], at: number): readonly RawDiagnostic[] {
  const rest = lines.slice(at + 1, at + 11);
  const end = rest.findIndex((line) => afterCritical.test(line));
  const message = (end < 0 ? rest : rest.slice(0, end)).join('\n').trim();
  // core/app.py: "name[code]" failed during execution due to ValueError('no')
  const path = /^([^\s"][^"]*?\.pyi?): "/.exec(message)?.[1];
  const places = path === undefined ? [] : [printedPlace(path)];
  return message === '' ? [] : [{ tool: 'flake8', code: null, severity: 'error', message, places, at }];
}
