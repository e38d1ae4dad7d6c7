import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import { formatDiagnostic } from './diagnostics.ts';
import { createPaint } from './paint.ts';

function at(sourceLine: string, text: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const column = sourceLine.indexOf(text) + 1;
  return {
    severity: 'error',
    code: 'x',
    message: 'no such step',
    file: 'parity.yaml',
    span: { line: 12, column, endLine: 12, endColumn: column + text.length },
    sourceLine,
    ...more,
  };
}

describe('formatDiagnostic', () => {
  it('gives the place, the line with the text underlined, and what would be right', () => {
    expect(formatDiagnostic(at('    needs: [instal]', 'instal', { hint: 'did you mean "install"?' }))).toBe(
      `parity.yaml:12:13: error: no such step
 12 |     needs: [instal]
    |             ^^^^^^
    = did you mean "install"?`,
    );
  });

  it('shows the other places that belong to it', () => {
    const span = { line: 3, column: 11, endLine: 3, endColumn: 15 };
    const related = [{ message: 'first here', file: 'parity.yaml', span, sourceLine: '  - name: lint' }];
    expect(formatDiagnostic(at('  - name: lint', 'lint', { related }))).toBe(
      `parity.yaml:12:11: error: no such step
 12 |   - name: lint
    |           ^^^^
parity.yaml:3:11: note: first here
 3 |   - name: lint
   |           ^^^^`,
    );
  });

  it.each([
    ['\tneeds:\t[instal]', 'instal', '    needs:  [instal]', '             ^^^^^^'],
    ['名前: 漢字 x', '漢字', '名前: 漢字 x', '      ^^^^'],
    ['👩‍👩‍👧 é: bad', 'bad', '👩‍👩‍👧 é: bad', '      ^^^'],
    ['a: b\r', 'b', 'a: b', '   ^'],
  ])('underlines the right cells of %j', (source, text, shown, marks) => {
    const [, line, under] = formatDiagnostic(at(source, text)).split('\n');
    expect(line).toBe(` 12 | ${shown}`);
    expect(under).toBe(`    | ${marks}`);
  });

  it('marks the end of the line where something is missing, and the rest of it when the text goes on below', () => {
    const missing = at('run:', 'run:', { span: { line: 12, column: 5, endLine: 12, endColumn: 5 } });
    expect(formatDiagnostic(missing).split('\n')[2]).toBe('    |     ^');
    const long = at('run: [a,', '[a,', { span: { line: 12, column: 6, endLine: 14, endColumn: 2 } });
    expect(formatDiagnostic(long).split('\n')[2]).toBe('    |      ^^^');
  });

  it('shows the surroundings in a very long line', () => {
    const lines = formatDiagnostic(at(`${'a'.repeat(5000)}BAD${'b'.repeat(5000)}`, 'BAD')).split('\n');
    expect(lines[1]?.length).toBeLessThan(320);
    const mark = lines[2]?.indexOf('^') ?? -1;
    expect(lines[1]?.slice(mark, mark + 3)).toBe('BAD');
  });

  it('takes colour when it may', () => {
    expect(formatDiagnostic(at('x', 'x'), createPaint(true))).toContain('\u001B[31m^\u001B[39m');
  });
});
