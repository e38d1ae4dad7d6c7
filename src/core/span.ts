/** A stretch of a text file: lines and columns are 1-based, columns count UTF-16 units, the end is exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The span of `length` characters that starts at a 0-based offset of `text`; offsets past the end are clamped. */
export function spanAt(text: string, offset: number, length = 1): Span {
  const start = positionAt(text, offset);
  const end = positionAt(text, offset + length);
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const clamped = Math.max(0, Math.min(offset, text.length));
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < clamped; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: clamped - start + 1 };
}
