import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Alias, type Node, type Pair } from 'yaml';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';

/** The way to a value in a document: keys and 0-based list positions. */
export type DocumentPath = readonly (string | number)[];

/** Everything of a diagnostic that is not its place. */
export type Complaint = Pick<Diagnostic, 'code' | 'message' | 'hint' | 'related'>;

/** A YAML file as plain values that still know where they stand. */
export interface ConfigDocument {
  /** The file's name as diagnostics show it. */
  readonly file: string;
  /**
   * Aliases and merge keys resolved. A number whose text says more than its value (`3.10`, `0x1f`, 20 digits) stays text, so
   * that `String(value)` is always what was written.
   */
  readonly value: unknown;
  /** What makes it no YAML at all, in file order; `value` is as much as could be read. */
  readonly problems: readonly Diagnostic[];
  /** The place of a value; of the nearest one above it when there is none. Values of several lines: their key, or first line. */
  spanOf(path: DocumentPath): Span;
  /** The place of the key at the end of a path; of the value when it has no key (list items). */
  keySpanOf(path: DocumentPath): Span;
  /** A diagnostic (severity error) at a span of this file, with the line it is on. */
  complain(span: Span, complaint: Complaint): Diagnostic;
}

type Range = readonly [start: number, end: number];
type Places = ReadonlyMap<string | number, { readonly key?: Range; readonly value: Range }>;

/** More values than any config has, few enough to end: aliases of aliases can name billions. */
const valueLimit = 50_000;

/** Reads YAML 1.2 with merge keys. Never throws: what is wrong with the text is in `problems`. */
export function readDocument(bytes: string, file: string): ConfigDocument {
  const text = bytes.startsWith('\uFEFF') ? bytes.slice(1) : bytes;
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: true });
  const places = new WeakMap<object, Places>();
  const whole = clip(parsed.contents?.range ?? [0, 0]);

  const problems: Diagnostic[] = [];
  for (const { code, message, pos } of [...parsed.errors, ...parsed.warnings]) {
    // What the parser trips over after its first fall is seldom a mistake of its own.
    if (code !== 'DUPLICATE_KEY' && problems.some((one) => one.code === 'yaml-syntax')) continue;
    const key = code === 'DUPLICATE_KEY' ? (/^(?:"[^"]*"|'[^']*'|[^:\s,}]+)/.exec(text.slice(pos[0]))?.[0] ?? '') : '';
    const span = toSpan(key === '' ? pos : [pos[0], pos[0] + key.length]);
    problems.push(complain(span, yamlComplaint(code, message, key)));
  }

  let count = 0;
  const converted = new Map<Node, unknown>();
  const value = convert(parsed.contents);
  return { file, value, problems: problems.sort(byPlace), spanOf, keySpanOf, complain };

  function convert(node: unknown): unknown {
    if (isAlias(node)) return convertAlias(node);
    if (isScalar(node)) {
      const { value: scalar, source } = node;
      return typeof scalar === 'number' && source !== undefined && String(scalar) !== source ? source : scalar;
    }
    if (!isMap(node) && !isSeq(node)) return null;
    const known = converted.get(node);
    if (known !== undefined) return known;
    const table = new Map<string | number, { key?: Range; value: Range }>();
    const result: unknown[] | Record<string, unknown> = isSeq(node) ? [] : {};
    converted.set(node, result);
    places.set(result, table);
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        table.set(index, { value: rangeOf(item as Node) });
        (result as unknown[]).push(convert(item));
      }
    } else {
      for (const pair of node.items) addPair(result as Record<string, unknown>, table, pair as Pair<Node, Node | null>);
    }
    return result;
  }

  function addPair(
    result: Record<string, unknown>,
    table: Map<string | number, { key?: Range; value: Range }>,
    { key, value: valueNode }: Pair<Node, Node | null>,
  ): void {
    const keyRange = rangeOf(key);
    const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
    if (name === undefined) {
      const complaint = { code: 'yaml-key', message: 'a key must be plain text, not a list or a map' };
      problems.push(complain(toSpan(keyRange), complaint));
      return;
    }
    if (name === '<<') return merge(result, table, valueNode, keyRange);
    table.set(name, { key: keyRange, value: valueNode?.range ? rangeOf(valueNode) : keyRange });
    setOwn(result, name, convert(valueNode));
  }

  /** `<<: *base` or `<<: [*a, *b]`: the map's own keys win, then the earlier of the named ones. */
  function merge(
    result: Record<string, unknown>,
    table: Map<string | number, { key?: Range; value: Range }>,
    node: Node | null,
    keyRange: Range,
  ): void {
    const sources = isSeq(node) ? (node.items as Node[]).map(convert) : [convert(node)];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        const hint = 'write `<<: *name`, where `&name` marks a map further up';
        problems.push(complain(toSpan(keyRange), { code: 'yaml-merge', message: '`<<` merges maps only', hint }));
        continue;
      }
      for (const [name, member] of Object.entries(source)) {
        if (Object.hasOwn(result, name)) continue;
        const place = places.get(source)?.get(name);
        if (place) table.set(name, place);
        setOwn(result, name, member);
      }
    }
  }

  function convertAlias(alias: Alias): unknown {
    const target = alias.resolve(parsed);
    // An alias within its own anchor names a value that is not complete; none is wanted in a config.
    if (target === undefined || isOpen(target, alias)) {
      const message = `\`*${alias.source}\` names nothing: there is no \`&${alias.source}\` before it`;
      const hint = `mark the value further up with \`&${alias.source}\``;
      problems.push(complain(toSpan(rangeOf(alias)), { code: 'yaml-alias', message, hint }));
      return null;
    }
    const result = convert(target);
    count += sizeOf(result);
    if (count > valueLimit) {
      const message = 'these aliases unfold to more values than a config can have';
      problems.push(complain(toSpan(rangeOf(alias)), { code: 'yaml-alias', message }));
      return null;
    }
    return result;
  }

  function sizeOf(item: unknown): number {
    if (typeof item !== 'object' || item === null) return 1;
    let size = 1;
    for (const member of Object.values(item)) {
      size += sizeOf(member);
      if (size > valueLimit) break;
    }
    return size;
  }

  function isOpen(target: Node, alias: Node): boolean {
    const outer = target.range;
    const inner = alias.range;
    return Boolean(outer && inner && outer[0] <= inner[0] && inner[1] <= outer[1]);
  }

  function find(path: DocumentPath): { key?: Range; value: Range } | undefined {
    let current: unknown = value;
    let place: { key?: Range; value: Range } | undefined;
    for (const part of path) {
      if (typeof current !== 'object' || current === null) break;
      const next = places.get(current)?.get(part);
      if (next === undefined) break;
      place = next;
      current = (current as Record<string | number, unknown>)[part];
    }
    return place;
  }

  function spanOf(path: DocumentPath): Span {
    const place = find(path);
    if (place === undefined) return toSpan(whole);
    const { key, value: range } = place;
    return toSpan(key !== undefined && text.slice(...range).includes('\n') ? key : clip(range));
  }

  function keySpanOf(path: DocumentPath): Span {
    const place = find(path);
    return toSpan(clip(place?.key ?? place?.value ?? whole));
  }

  /** The part of a range that is on its first line, without the space after it. */
  function clip(range: readonly number[]): Range {
    const [start = 0, end = 0] = range;
    const first = text.slice(start, end).split('\n', 1)[0] ?? '';
    return [start, start + Math.max(1, first.trimEnd().length)];
  }

  function toSpan(range: readonly number[]): Span {
    const start = Math.min(range[0] ?? 0, text.length);
    const from = lines.linePos(start);
    const to = lines.linePos(Math.min(Math.max(range[1] ?? 0, start + 1), Math.max(text.length, start + 1)));
    // LineCounter answers 0:0 for an empty file.
    if (from.line === 0) return { line: 1, column: 1, endLine: 1, endColumn: 2 };
    // An error's range may end at the start of the next line, or run to the end of the file: the first line is enough.
    const endColumn = to.line === from.line ? to.col : Math.max(from.col + 1, lineText(from.line).length + 1);
    return { line: from.line, column: from.col, endLine: from.line, endColumn };
  }

  function lineText(line: number): string {
    const start = lines.lineStarts[line - 1] ?? 0;
    const end = text.indexOf('\n', start);
    return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  }

  function complain(span: Span, complaint: Complaint): Diagnostic {
    const { code, message, hint, related } = complaint;
    return {
      severity: 'error',
      code,
      message,
      file,
      span,
      sourceLine: lineText(span.line),
      ...(hint === undefined ? {} : { hint }),
      ...(related === undefined ? {} : { related }),
    };
  }
}

function rangeOf(node: Node): Range {
  const [start = 0, end = 0] = node.range ?? [];
  return [start, end];
}

/** `__proto__` in a file is a key like any other, never a prototype. */
function setOwn(target: Record<string, unknown>, name: string, member: unknown): void {
  Object.defineProperty(target, name, { value: member, enumerable: true, configurable: true, writable: true });
}

/** Orders diagnostics as a reader meets them; for Array.prototype.sort. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.span.line - b.span.line || a.span.column - b.span.column;
}

/** The yaml package's errors that people really make, in words that say what to do. */
function yamlComplaint(code: string, message: string, key: string): Complaint {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { code: 'duplicate-key', message: `\`${key}\` is given twice`, hint: 'keep one of the two' };
    case 'TAB_AS_INDENT':
      return { code: 'yaml-tab', message: 'YAML cannot be indented with tabs', hint: 'use spaces' };
    case 'MULTIPLE_DOCS':
      return { code: 'yaml-documents', message: 'a second document starts here', hint: 'take the `---` out' };
    case 'MISSING_CHAR':
      return { code: 'yaml-syntax', message: `this is not YAML: ${lowerFirst(message)}` };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BAD_INDENT':
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        code: 'yaml-syntax',
        message: `this is not YAML: ${lowerFirst(message)}`,
        hint: message.startsWith('Flow')
          ? 'close the bracket'
          : 'indent it like its neighbours, and put text that holds `: ` in quotes',
      };
    default:
      return { code: 'yaml-syntax', message: `this is not YAML: ${lowerFirst(message)}` };
  }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
