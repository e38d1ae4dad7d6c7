import type { PythonLine, PythonToken } from './python-text.ts';
import { mapText, joined, type MappedText } from '../formats/mapped-text.ts';

/** An expression of Python's source, as far as doctor reads it. */
export type PythonValue = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'string'; readonly parts: readonly StringPart[] }
  /** A list, tuple, set. */
  | { readonly kind: 'list'; readonly items: readonly PythonValue[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [PythonValue | undefined, PythonValue])[] }
  | { readonly kind: 'call'; readonly callee: string; readonly args: readonly PythonArgument[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'item'; readonly of: PythonValue; readonly key: PythonValue }
  | { readonly kind: 'sum'; readonly items: readonly PythonValue[] }
  /** `a if c else b`, `a or b`: one of them. */
  | { readonly kind: 'choice'; readonly by: 'if' | 'or'; readonly items: readonly PythonValue[] }
  /** `*values`, `**values`. */
  | { readonly kind: 'starred'; readonly value: PythonValue }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'other' }
);

/** A literal's characters, or an expression within an f-string. */
export type StringPart = { readonly mapped: MappedText; readonly name?: string; readonly dynamic?: boolean };

/** An argument of a call. */
export interface PythonArgument {
  readonly keyword?: string;
  readonly value: PythonValue;
}

/** A call somewhere in a line. */
export type PythonCall = PythonValue & { readonly kind: 'call' };

/** Deeper than any real file: what is nested deeper is not read. */
const depthLimit = 80;

/** The calls of a line whose callee (`session.install`) is wanted, wherever they stand in it, in order. */
export function pythonCalls({ tokens }: PythonLine, wanted: (callee: string) => boolean): readonly PythonCall[] {
  const calls: PythonCall[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    if (tokens[at]?.kind !== 'name' || tokens[at - 1]?.text === '.') continue;
    let end = at + 1;
    while (tokens[end]?.text === '.' && tokens[end + 1]?.kind === 'name') end += 2;
    if (tokens[end]?.text !== '(') continue;
    const callee = tokens
      .slice(at, end)
      .map(({ text }) => text)
      .join('');
    if (!wanted(callee)) continue;
    const read = new Parser(tokens, at).primary(0);
    if (read.kind === 'call') calls.push(read);
  }
  return calls;
}

/** An assignment: `name = value`, `name: type = value`, `name += value`, `name["key"] = value`. */
export interface PythonAssignment {
  readonly name: string;
  readonly key?: PythonValue;
  readonly isAddition: boolean;
  readonly value: PythonValue;
}

/** The assignment that a line is; undefined for another line. */
export function pythonAssignment({ tokens }: PythonLine): PythonAssignment | undefined {
  const [first] = tokens;
  if (first?.kind !== 'name') return undefined;
  const parser = new Parser(tokens, 0);
  const target = parser.primary(0);
  if (tokens[parser.at]?.text === ':') {
    parser.at += 1;
    parser.expression(0);
  }
  const operator = tokens[parser.at]?.text;
  if (operator !== '=' && operator !== '+=') return undefined;
  parser.at += 1;
  const value = parser.expressions();
  const isAddition = operator === '+=';
  if (target.kind === 'name') return { name: target.name, isAddition, value };
  if (target.kind === 'item' && target.of.kind === 'name')
    return { name: target.of.name, key: target.key, isAddition, value };
  return undefined;
}

/** The expression that a line begins with from a token on. */
export function pythonExpression({ tokens }: PythonLine, from: number): PythonValue {
  return new Parser(tokens, from).expression(0);
}

const closers = new Set([')', ']', '}', ',', ':', '=', ';', '+=', 'else', 'for', 'if']);

class Parser {
  private readonly tokens: readonly PythonToken[];
  at: number;

  constructor(tokens: readonly PythonToken[], at: number) {
    this.tokens = tokens;
    this.at = at;
  }

  /** An expression, or a tuple without brackets. */
  expressions(): PythonValue {
    const first = this.expression(0);
    if (this.text() !== ',') return first;
    const items = [first];
    while (this.text() === ',' && this.tokens[this.at + 1] !== undefined) {
      this.at += 1;
      items.push(this.expression(0));
    }
    return { kind: 'list', items, start: first.start, end: this.lastEnd() };
  }

  expression(depth: number): PythonValue {
    const start = this.start();
    const items = [this.primary(depth)];
    let by: 'sum' | 'or' | 'other' = 'sum';
    for (;;) {
      const text = this.text();
      if (text === '+' || text === 'or') {
        if (items.length > 1 && by !== (text === '+' ? 'sum' : 'or')) by = 'other';
        else by = text === '+' ? 'sum' : 'or';
        this.at += 1;
        items.push(this.primary(depth));
        continue;
      }
      if (text === undefined || closers.has(text)) break;
      // Another operator: a string before it stays one, whose value can't be told.
      by = 'other';
      this.skipOne();
    }
    const [first] = items;
    const place = { start, end: this.lastEnd() };
    let value: PythonValue;
    if (by === 'other') {
      value =
        first?.kind === 'string'
          ? { kind: 'string', parts: first.parts.map((part) => ({ ...part, dynamic: true })), ...place }
          : { kind: 'other', ...place };
    } else if (items.length === 1 && first !== undefined) value = first;
    else value = by === 'or' ? { kind: 'choice', by: 'or', items, ...place } : { kind: 'sum', items, ...place };
    if (this.text() === 'if') {
      this.at += 1;
      this.expression(depth + 1);
      if (this.text() !== 'else') return { kind: 'other', start, end: this.lastEnd() };
      this.at += 1;
      const otherwise = this.expression(depth + 1);
      return { kind: 'choice', by: 'if', items: [value, otherwise], start, end: this.lastEnd() };
    }
    return value;
  }

  primary(depth: number): PythonValue {
    const token = this.tokens[this.at];
    const start = this.start();
    if (token === undefined || (closers.has(token.text) && token.kind !== 'string'))
      return { kind: 'other', start, end: start };
    if (depth > depthLimit) {
      this.skipOne();
      return { kind: 'other', start, end: this.lastEnd() };
    }
    let value: PythonValue;
    if (token.kind === 'string') value = this.strings();
    else if (token.kind === 'name') {
      this.at += 1;
      value = { kind: 'name', name: token.text, start, end: token.end };
    } else if (token.kind === 'number') {
      this.at += 1;
      value = { kind: 'number', text: token.text, start, end: token.end };
    } else if (token.text === '(' || token.text === '[') {
      const { items, isSequence } = this.sequence(depth, token.text === '(' ? ')' : ']');
      const [only] = items;
      const place = { start, end: this.lastEnd() };
      if (items.length === 1 && only !== undefined && token.text === '(' && !isSequence) value = { ...only, ...place };
      else value = { kind: 'list', items, ...place };
    } else if (token.text === '{') value = this.braces(depth);
    else if (token.text === '*' || token.text === '**') {
      this.at += 1;
      const inner = this.primary(depth + 1);
      return { kind: 'starred', value: inner, start, end: this.lastEnd() };
    } else if (token.text === '-' && this.tokens[this.at + 1]?.kind === 'number') {
      const number = this.tokens[this.at + 1];
      this.at += 2;
      return { kind: 'number', text: `-${number?.text}`, start, end: this.lastEnd() };
    } else {
      this.at += 1;
      return { kind: 'other', start, end: this.lastEnd() };
    }
    return this.trailers(value, depth);
  }

  private trailers(given: PythonValue, depth: number): PythonValue {
    let value = given;
    for (;;) {
      const { start } = value;
      if (this.text() === '.' && this.tokens[this.at + 1]?.kind === 'name') {
        const name = this.tokens[this.at + 1]?.text ?? '';
        this.at += 2;
        const end = this.lastEnd();
        if (value.kind === 'name') value = { kind: 'name', name: `${value.name}.${name}`, start, end };
        else if (value.kind === 'string')
          value = { kind: 'string', parts: value.parts.map((part) => ({ ...part, dynamic: true })), start, end };
        else value = { kind: 'other', start, end };
      } else if (this.text() === '(') {
        const args = this.arguments(depth + 1);
        const end = this.lastEnd();
        if (value.kind === 'name') value = { kind: 'call', callee: value.name, args, start, end };
        else if (value.kind === 'string') value = { ...value, end };
        else value = { kind: 'other', start, end };
      } else if (this.text() === '[') {
        const { items } = this.sequence(depth, ']');
        const [key] = items;
        const end = this.lastEnd();
        value =
          items.length === 1 && key !== undefined && value.kind !== 'string'
            ? { kind: 'item', of: value, key, start, end }
            : { kind: 'other', start, end };
      } else return value;
    }
  }

  /** What stands in brackets; a comma or none at all makes it a sequence. A comprehension is one thing that can't be read. */
  private sequence(depth: number, closer: string): { items: readonly PythonValue[]; isSequence: boolean } {
    this.at += 1;
    const items: PythonValue[] = [];
    let isSequence = this.text() === closer;
    while (this.text() !== undefined && this.text() !== closer) {
      const before = this.at;
      items.push(this.expression(depth + 1));
      if (this.text() === ',') {
        isSequence = true;
        this.at += 1;
      } else if (this.text() !== closer) {
        const start = items.pop()?.start ?? this.start();
        this.skipTo(closer);
        items.push({ kind: 'other', start, end: this.lastEnd() });
        if (this.text() === ',') this.at += 1;
      }
      if (this.at === before) this.at += 1;
    }
    this.at += 1;
    return { items, isSequence };
  }

  private braces(depth: number): PythonValue {
    const start = this.start();
    this.at += 1;
    const items: PythonValue[] = [];
    const entries: (readonly [PythonValue | undefined, PythonValue])[] = [];
    while (this.text() !== undefined && this.text() !== '}') {
      const before = this.at;
      const key = this.expression(depth + 1);
      if (this.text() === ':') {
        this.at += 1;
        entries.push([key, this.expression(depth + 1)]);
      } else if (key.kind === 'starred') entries.push([undefined, key.value]);
      else items.push(key);
      if (this.text() === ',') this.at += 1;
      else if (this.text() !== '}') {
        this.skipTo('}');
        if (this.text() === ',') this.at += 1;
      }
      if (this.at === before) this.at += 1;
    }
    this.at += 1;
    const place = { start, end: this.lastEnd() };
    return items.length > 0 ? { kind: 'list', items, ...place } : { kind: 'dict', entries, ...place };
  }

  private arguments(depth: number): readonly PythonArgument[] {
    this.at += 1;
    const args: PythonArgument[] = [];
    while (this.text() !== undefined && this.text() !== ')') {
      const before = this.at;
      const token = this.tokens[this.at];
      if (token?.kind === 'name' && this.tokens[this.at + 1]?.text === '=') {
        this.at += 2;
        args.push({ keyword: token.text, value: this.expression(depth + 1) });
      } else args.push({ value: this.expression(depth + 1) });
      if (this.text() === ',') this.at += 1;
      else if (this.text() !== ')') {
        const start = args.pop()?.value.start ?? this.start();
        this.skipTo(')');
        args.push({ value: { kind: 'other', start, end: this.lastEnd() } });
        if (this.text() === ',') this.at += 1;
      }
      if (this.at === before) this.at += 1;
    }
    this.at += 1;
    return args;
  }

  /** Strings beside each other are one. */
  private strings(): PythonValue {
    const start = this.start();
    const parts: StringPart[] = [];
    for (let token = this.tokens[this.at]; token?.kind === 'string'; token = this.tokens[this.at]) {
      parts.push(...stringParts(token));
      this.at += 1;
    }
    return { kind: 'string', parts, start, end: this.lastEnd() };
  }

  /** Past one token, or past what it opens. */
  private skipOne(): void {
    const text = this.text() ?? '';
    const token = this.tokens[this.at];
    if (token?.kind !== 'operator' || !'([{'.includes(text)) {
      this.at += 1;
      return;
    }
    let level = 0;
    do {
      const inner = this.tokens[this.at];
      if (inner?.kind === 'operator' && '([{'.includes(inner.text)) level += 1;
      if (inner?.kind === 'operator' && ')]}'.includes(inner.text)) level -= 1;
      this.at += 1;
    } while (level > 0 && this.at < this.tokens.length);
  }

  /** To a comma or the closing bracket at this level. */
  private skipTo(closer: string): void {
    while (this.text() !== undefined && this.text() !== closer && this.text() !== ',') this.skipOne();
  }

  private text(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'string' ? '""' : token?.text;
  }

  private start(): number {
    return this.tokens[this.at]?.start ?? this.lastEnd();
  }

  private lastEnd(): number {
    return this.tokens[Math.min(this.at, this.tokens.length) - 1]?.end ?? 0;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

function stringParts({ text, start }: PythonToken): readonly StringPart[] {
  const opening = /^([A-Za-z]*)("""|'''|"|')/.exec(text);
  const prefix = (opening?.[1] ?? '').toLowerCase();
  const quote = opening?.[2] ?? '';
  const from = opening?.[0].length ?? 0;
  const isClosed = text.length >= from + quote.length && text.endsWith(quote);
  const body = text.slice(from, isClosed ? text.length - quote.length : undefined);
  const at = start + from;
  if (!prefix.includes('f')) return [{ mapped: unescaped(body, at, prefix.includes('r')) }];
  const parts: StringPart[] = [];
  let last = 0;
  const literal = (to: number): void => {
    if (to > last) parts.push({ mapped: unescaped(body.slice(last, to), at + last, prefix.includes('r')) });
  };
  for (const match of body.matchAll(/\{\{|\}\}|\{([^{}]*)\}/g)) {
    if (match[1] === undefined) {
      literal(match.index + 1);
      last = match.index + 2;
      continue;
    }
    literal(match.index);
    const name = /^\s*([A-Za-z_]\w*)\s*$/.exec(match[1])?.[1];
    const mapped = mapText(match[0], at + match.index);
    parts.push(name === undefined ? { mapped, dynamic: true } : { mapped, name });
    last = match.index + match[0].length;
  }
  literal(body.length);
  return parts;
}

function unescaped(body: string, start: number, isRaw: boolean): MappedText {
  if (isRaw || !body.includes('\\')) return mapText(body, start);
  const parts: MappedText[] = [];
  let last = 0;
  for (const match of body.matchAll(/\\(\r?\n|[^])/g)) {
    parts.push(mapText(body.slice(last, match.index), start + last));
    last = match.index + match[0].length;
    const char = match[1] ?? '';
    if (char.includes('\n')) continue;
    const meant = escapes[char] ?? match[0];
    parts.push({ text: meant, offsets: Array.from({ length: meant.length }, () => -1) });
  }
  return joined([...parts, mapText(body.slice(last), start + last)]);
}
