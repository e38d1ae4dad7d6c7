import type { ToolDiagnostic } from '../../../core/tool-diagnostic.ts';
import { cellWidth } from '../../cells.ts';
import { markup, type Markup } from './markup.ts';
import type { SourceLines } from './page-facts.ts';

/** How many lines a frame has before and after the one that it is about. */
export const frameLines = { before: 2, after: 1 } as const;

// A generated file may be one line of a megabyte: show the surroundings.
const longestLine = 160;

/** The lines around what a tool complains of, the place marked; undefined when it names no line, or the line is not known. */
export function codeFrame({ file, line, column }: ToolDiagnostic, sources: SourceLines): Markup | undefined {
  if (file === null || line === null) return undefined;
  const lines = sources.get(file);
  const own = lines?.get(line);
  if (lines === undefined || own === undefined) return undefined;
  const numbers = [...lines.keys()].filter((at) => at >= line - frameLines.before && at <= line + frameLines.after);
  numbers.sort((a, b) => a - b);
  const width = String(numbers.at(-1) ?? line).length;
  const rows = numbers.map((at) => {
    const number = String(at).padStart(width);
    if (at !== line)
      return markup`<span class="gutter">${`  ${number} │`}</span> ${expanded(clip(lines.get(at) ?? ''))}\n`;
    return markup`<span class="gutter">${`› ${number} │`}</span> ${ownLine(own, column, width)}\n`;
  });
  return markup`<pre class="frame" tabindex="0" role="group" aria-label="${file}, line ${line}">${rows}</pre>\n`;
}

function ownLine(text: string, column: number | null, width: number): Markup {
  if (column === null || column > text.length + 1) return markup`<mark>${expanded(clip(text))}</mark>`;
  const at = column - 1;
  const from = at > longestLine - 40 ? at - 40 : 0;
  const before = expanded((from === 0 ? '' : '…') + text.slice(from, at));
  const [token = ''] = /^(?:[\p{L}\p{N}_$]+|[^\n])/u.exec(text.slice(at, at + longestLine)) ?? [];
  const after = clip(text.slice(at + token.length), longestLine - (at - from));
  const caret = ' '.repeat(cellWidth(before)) + '^'.repeat(Math.max(1, cellWidth(token)));
  return markup`${before}<mark>${token}</mark>${expanded(after)}
<span aria-hidden="true"><span class="gutter">${`  ${' '.repeat(width)} │`}</span> <span class="caret">${caret}</span></span>`;
}

function clip(text: string, most: number = longestLine): string {
  return text.length > most ? `${text.slice(0, Math.max(0, most))}…` : text;
}

function expanded(text: string): string {
  return text.replaceAll('\t', '    ');
}
