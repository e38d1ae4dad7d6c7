import type { Diagnostic, RelatedPlace } from '../core/diagnostic.ts';
import { cellWidth } from './cells.ts';
import { createPaint, type Paint } from './paint.ts';

/**
 * A diagnostic for people: `file:line:column: error: message`, the source line with the offending text underlined, what
 * would be right, and the other places that belong to it. Several lines without a final newline.
 */
export function formatDiagnostic(diagnostic: Diagnostic, paint: Paint = createPaint(false)): string {
  const { severity, hint, related = [] } = diagnostic;
  const color = severity === 'error' ? paint.red : severity === 'warning' ? paint.yellow : paint.cyan;
  const lines = placeLines(diagnostic, severity, color, paint);
  const blank = ' '.repeat(String(diagnostic.span.line).length);
  for (const line of (hint ?? '').split('\n').filter((text) => text !== ''))
    lines.push(` ${paint.dim(`${blank} =`)} ${line}`);
  for (const place of related) lines.push(...placeLines(place, 'note', paint.cyan, paint));
  return lines.join('\n');
}

function placeLines(
  { file, span, message, sourceLine }: RelatedPlace,
  word: string,
  color: (text: string) => string,
  paint: Paint,
): string[] {
  const lines = [`${paint.bold(`${file}:${span.line}:${span.column}:`)} ${color(`${word}:`)} ${message}`];
  if (sourceLine === undefined) return lines;
  const gutter = String(span.line);
  const source = (sourceLine.split('\n')[0] ?? '').replace(/\r$/, '');
  const { shown, indent, width } = underline(source, span, span.endLine > span.line);
  lines.push(` ${paint.dim(`${gutter} |`)} ${shown}`);
  lines.push(` ${paint.dim(`${' '.repeat(gutter.length)} |`)} ${' '.repeat(indent)}${color('^'.repeat(width))}`);
  return lines;
}

// Columns count UTF-16 units; a terminal's cells are another matter: tabs become spaces, wide characters take two.
function underline(
  source: string,
  span: Diagnostic['span'],
  goesOn: boolean,
): { readonly shown: string; readonly indent: number; readonly width: number } {
  const start = Math.min(span.column - 1, source.length);
  const end = goesOn ? source.length : Math.max(start, Math.min(span.endColumn - 1, source.length));
  const before = expand(source.slice(0, start), 0);
  const indent = cellWidth(before);
  const marked = expand(source.slice(start, end), indent);
  const width = cellWidth(marked);
  const after = expand(source.slice(end), indent + width);
  const whole = before + marked + after;
  return { ...clip(whole, indent), width: Math.max(1, width) };
}

function expand(text: string, column: number): string {
  let result = '';
  for (const character of text) {
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/.test(character)) result += '\uFFFD';
    else if (character === '\t') result += ' '.repeat(4 - ((column + cellWidth(result)) % 4));
    else result += character;
  }
  return result;
}

// A generated file may be one line of a megabyte: show the surroundings.
function clip(text: string, indent: number): { readonly shown: string; readonly indent: number } {
  if (text.length <= 300) return { shown: text, indent };
  if (indent <= 200) return { shown: `${text.slice(0, 300)}…`, indent };
  const from = indent - 100;
  const skipped = [...text];
  let width = 0;
  let dropped = 0;
  while (width < from) {
    width += cellWidth(skipped[dropped] ?? ' ');
    dropped += 1;
  }
  return { shown: `…${skipped.slice(dropped, dropped + 300).join('')}`, indent: indent - width + 1 };
}
