import type { Span } from '../core/span.ts';

/** Turns offsets of one text into spans, quickly for any number of them. */
export interface Places {
  /** The span of the characters from `start` up to `end` (exclusive), 0-based UTF-16 offsets. */
  span(start: number, end: number): Span;
  /** The offset where a 1-based line and column stand. */
  offset(line: number, column: number): number;
}

/** Indexes the lines of a text; `\n` ends a line, as editors count. */
export function placesOf(text: string): Places {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const position = (offset: number): { line: number; column: number } => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
  return {
    span(start, end) {
      const [from, to] = [position(start), position(end)];
      return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
    },
    offset: (line, column) => (starts[line - 1] ?? text.length) + column - 1,
  };
}
