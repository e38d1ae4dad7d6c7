import { printedPlace, type Said, type ToolOutput } from '../said.ts';

// core/app.py:3:1: E302 expected 2 blank lines, found 0 · ruff: core/app.py:1:8: F401 [*] `os` imported but unused
const plain =
  /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|pyx|ipynb|toml)):(\d+):(?:(\d+):)? ([A-Z]{1,10}\d{1,6}) (?:\[\*\] )?(\S.*)$/;
// flake8 --format=pylint: core/app.py:3: [E302] expected 2 blank lines, found 0
const pylintForm = /^([^\s"'<>|+-][^"<>|]*?\.(?:pyi?|pyx|ipynb)):(\d+):() \[([A-Z]{1,10}\d{1,6})\] (\S.*)$/;

const families = ['flake8', 'ruff', 'pycodestyle', 'pyflakes', 'pydocstyle'] as const;
// Ruff's own prefixes, which no flake8 plugin has; and how it ends.
const ruffOnly = /^(?:RUF|PLC|PLE|PLR|PLW|FURB|AIR|FAST|DOC)\d/;
const ruffEnd =
  /^(?:Found \d+ errors?(?: \(\d+ fixed, \d+ remaining\))?\.|\[\*\] \d+ fixable with the `--fix` option.*|\[\*\] \d+ fixable with `--fix`.*)$/;

/** flake8 with any plugin, and the tools of the same form: ruff (concise), pycodestyle. */
export function parseFlake8({ lines, words }: ToolOutput): readonly Said[] {
  const named = families.filter((tool) => words.has(tool));
  const ruffEnds = lines.some((line) => ruffEnd.test(line));
  return lines.flatMap((text, at): readonly Said[] => {
    const [, path, line, column, code, message] = plain.exec(text) ?? pylintForm.exec(text) ?? [];
    if (path === undefined || code === undefined || message === undefined) return [];
    const isRuff = ruffOnly.test(code) || text.includes(` ${code} [*] `) || (ruffEnds && named.length !== 1);
    const tool = isRuff ? 'ruff' : named.length === 1 ? (named[0] ?? 'flake8') : 'flake8';
    return [{ tool, code, severity: 'error', message, places: [printedPlace(path, line, column)], at }];
  });
}
