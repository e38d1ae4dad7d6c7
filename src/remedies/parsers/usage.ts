import type { RawDiagnostic, ToolOutput } from '../raw-diagnostic.ts';

// argparse: usage: mypy [-h] … , then mypy: error: unrecognized arguments: --nowhere   (pytest: ERROR: usage: …)
const argparse = /^([\w.-]+(?: [\w.-]+){0,3}): error: (\S.*)$/;
const argparseUsage = /^(?:ERROR: )?usage: (.+)$/;
// click: Usage: black [OPTIONS] SRC ..., Try 'black -h' for help., an empty line, then Error: No such option: --nowhere
const click = /^Error: (\S.*)$/;
const clickUsage = /^Usage: (.+)$/;
// What a program that was started as a module calls itself.
const moduleFile = '__main__.py';
const modules = ['pytest', 'mypy', 'flake8', 'black', 'coverage', 'alembic', 'uvicorn', 'pip'] as const;
// Usage takes no more lines than this before the error.
const longestUsage = 80;

/** Command lines that a Python program does not understand, as argparse and click say it. */
export function parseUsage({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, program, wrong] = argparse.exec(text) ?? [];
    if (program !== undefined && wrong !== undefined) {
      const usage = usageAbove(lines, at, argparseUsage, longestUsage);
      return usage?.startsWith(program) === true ? [rawDiagnostic(toolOf(program, words), wrong, at)] : [];
    }
    const message = click.exec(text)?.[1];
    const usage = message === undefined ? undefined : usageAbove(lines, at, clickUsage, 4);
    return message === undefined || usage === undefined ? [] : [rawDiagnostic(toolOf(usage, words), message, at)];
  });
}

function usageAbove(lines: readonly string[], at: number, usage: RegExp, most: number): string | undefined {
  for (let above = at - 1; above >= Math.max(0, at - most); above -= 1) {
    const found = usage.exec(lines[above] ?? '')?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `mypy [-h]`, `python -m black`, `__main__.py`: the tool. */
function toolOf(usage: string, words: ReadonlySet<string>): string {
  const [first = '', second, third] = usage.split(' ');
  if (first === moduleFile) return modules.find((name) => words.has(name)) ?? 'python';
  return second === '-m' && third !== undefined ? third : first;
}

function rawDiagnostic(tool: string, message: string, at: number): RawDiagnostic {
  return { tool, code: null, severity: 'error', message, places: [], at };
}
