/** A token of Python's source. */
export interface PythonToken {
  readonly kind: 'name' | 'number' | 'string' | 'operator';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A logical line: brackets and backslashes join what stands on several. */
export interface PythonLine {
  /** Blanks before it. */
  readonly indent: number;
  readonly tokens: readonly PythonToken[];
}

const lexeme =
  /(?<blank>[ \t\f\r\uFEFF]+|\\\r?\n|#[^\n]*)|(?<string>[A-Za-z]{0,2}(?:"""(?:[^\\]|\\[^])*?(?:"""|$)|'''(?:[^\\]|\\[^])*?(?:'''|$)|"(?:[^"\\\n]|\\[^])*(?:"|(?=\n)|$)|'(?:[^'\\\n]|\\[^])*(?:'|(?=\n)|$)))|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d[\w.]*)|(?<newline>\n)|(?<operator>\*\*=?|\/\/=?|->|:=|[-+*/%@&|^=!<>]=|<<|>>|[^])/uy;

/**
 * Splits Python's source into logical lines of tokens, comments left out. Nothing is executed; what is no Python gives some tokens or
 * other, it never throws.
 */
export function pythonLines(text: string): readonly PythonLine[] {
  const lines: { indent: number; tokens: PythonToken[] }[] = [];
  let current: { indent: number; tokens: PythonToken[] } | undefined;
  let depth = 0;
  let lineStart = 0;
  let at = 0;
  while (at < text.length) {
    lexeme.lastIndex = at;
    const match = lexeme.exec(text);
    const groups = match?.groups;
    if (match === null || groups === undefined) {
      at += 1;
      continue;
    }
    const [start, end] = [at, at + match[0].length];
    at = end;
    if (groups['blank'] !== undefined) continue;
    if (groups['newline'] !== undefined) {
      if (depth === 0) current = undefined;
      if (current === undefined) lineStart = end;
      continue;
    }
    if (current === undefined) {
      current = { indent: start - lineStart, tokens: [] };
      lines.push(current);
    }
    const kind = (['string', 'name', 'number'] as const).find((one) => groups[one] !== undefined) ?? 'operator';
    if (kind === 'operator' && '([{'.includes(match[0])) depth += 1;
    if (kind === 'operator' && ')]}'.includes(match[0])) depth = Math.max(0, depth - 1);
    current.tokens.push({ kind, text: match[0], start, end });
  }
  return lines;
}
