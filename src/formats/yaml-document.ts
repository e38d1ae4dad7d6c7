import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Span } from '../core/span.ts';

/** The way to a value in a document: keys and 0-based list positions. */
export type DocumentPath = readonly (string | number)[];

type Range = readonly [start: number, end: number];
type Place = { readonly key?: Range; readonly value: Range };

/** What is wrong beside what the parser finds. */
export type YamlProblemKind = 'KEY_NOT_TEXT' | 'MERGED_NO_MAP' | 'ALIAS_WITHOUT_ANCHOR' | 'ALIASES_TOO_LARGE';

/** Something that makes a text no YAML, or no plain values. */
export interface YamlProblem {
  /** The parser's own code (`DUPLICATE_KEY`, `BAD_INDENT` …), or one of those that are found in its values. */
  readonly kind: YamlProblemKind | YAMLError['code'];
  /** The parser's words; empty where the kind says it all. */
  readonly message: string;
  /** The key or the alias that it is about; else empty. */
  readonly subject: string;
  readonly span: Span;
}

/** More values than any config has, few enough to end: aliases of aliases can name billions. */
const valueLimit = 50_000;

/** Problems of the parser that leave it on its feet. */
const harmless: readonly string[] = ['DUPLICATE_KEY', 'TAB_AS_INDENT', 'MULTIPLE_DOCS'];

/**
 * A YAML 1.2 document with merge keys as plain values, with the place of each; readYaml is for values that know the place of each character.
 * Never throws: what is wrong with the text is in `problems`.
 */
export class YamlDocument {
  /**
   * Aliases and merge keys are resolved. A number whose text says more than its value (`3.10`, `0x1f`, 20 digits) stays text,
   * so that `String(value)` is always what was written.
   */
  readonly value: unknown;
  /** What the parser found, then what its values show; `value` is as much as could be read. */
  readonly problems: readonly YamlProblem[];
  readonly #text: string;
  readonly #lines: LineCounter;
  /** The first line of the document's content. */
  readonly #whole: Range;
  /** The places of a map's or list's members, by the converted map or list. */
  readonly #places: WeakMap<object, ReadonlyMap<string | number, Place>>;

  constructor(bytes: string) {
    this.#text = bytes.startsWith('\uFEFF') ? bytes.slice(1) : bytes;
    this.#lines = new LineCounter();
    const options = { lineCounter: this.#lines, merge: true, prettyErrors: false, uniqueKeys: true };
    const parsed = parseDocument(this.#text, options);
    this.#whole = this.#clip(parsed.contents?.range ?? [0, 0]);
    const converter = new ValueConverter(parsed);
    this.value = converter.convert(parsed.contents);
    this.#places = converter.places;
    const found = converter.problems.map(({ kind, range, subject }) => {
      return { kind, message: '', subject, span: this.#toSpan(range) };
    });
    this.problems = [...this.#parserProblems([...parsed.errors, ...parsed.warnings]), ...found];
  }

  /** The place of a value; of the nearest one above it when there is none. Values of several lines: their key, or first line. */
  spanOf(path: DocumentPath): Span {
    const place = this.#find(path);
    if (place === undefined) return this.#toSpan(this.#whole);
    const { key, value: range } = place;
    const hasLines = this.#text.slice(...range).includes('\n');
    return this.#toSpan(key !== undefined && hasLines ? key : this.#clip(range));
  }

  /** The place of the key at the end of a path; of the value when it has no key (list items). */
  keySpanOf(path: DocumentPath): Span {
    const place = this.#find(path);
    return this.#toSpan(this.#clip(place?.key ?? place?.value ?? this.#whole));
  }

  #parserProblems(errors: readonly YAMLError[]): readonly YamlProblem[] {
    const problems: YamlProblem[] = [];
    for (const { code, message, pos } of errors) {
      // After its first syntax error the parser seldom finds another real mistake.
      if (code !== 'DUPLICATE_KEY' && problems.some(({ kind }) => !harmless.includes(kind))) continue;
      const rest = this.#text.slice(pos[0]);
      const key = code === 'DUPLICATE_KEY' ? (/^(?:"[^"]*"|'[^']*'|[^:\s,}]+)/.exec(rest)?.[0] ?? '') : '';
      const span = this.#toSpan(key === '' ? pos : [pos[0], pos[0] + key.length]);
      problems.push({ kind: code, message, subject: key, span });
    }
    return problems;
  }

  #find(path: DocumentPath): Place | undefined {
    let current: unknown = this.value;
    let place: Place | undefined;
    for (const part of path) {
      if (typeof current !== 'object' || current === null) break;
      const next = this.#places.get(current)?.get(part);
      if (next === undefined) break;
      place = next;
      current = (current as Record<string | number, unknown>)[part];
    }
    return place;
  }

  /** The part of a range that is on its first line, without the space after it. */
  #clip(range: readonly number[]): Range {
    const [start = 0, end = 0] = range;
    const first = this.#text.slice(start, end).split('\n', 1)[0] ?? '';
    return [start, start + Math.max(1, first.trimEnd().length)];
  }

  #toSpan(range: readonly number[]): Span {
    const { length } = this.#text;
    const start = Math.min(range[0] ?? 0, length);
    const from = this.#lines.linePos(start);
    const to = this.#lines.linePos(Math.min(Math.max(range[1] ?? 0, start + 1), Math.max(length, start + 1)));
    // LineCounter answers 0:0 for an empty file.
    if (from.line === 0) return { line: 1, column: 1, endLine: 1, endColumn: 2 };
    // An error's range may end at the start of the next line, or run to the end of the file: the first line is enough.
    const endColumn = to.line === from.line ? to.col : Math.max(from.col + 1, this.lineText(from.line).length + 1);
    return { line: from.line, column: from.col, endLine: from.line, endColumn };
  }

  /** The text of a 1-based line, without its end. */
  lineText(line: number): string {
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const end = this.#text.indexOf('\n', start);
    return this.#text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  }
}

/** Converts the nodes of one parsed document to plain values, each node once. */
class ValueConverter {
  readonly places = new WeakMap<object, Map<string | number, Place>>();
  readonly problems: { readonly kind: YamlProblemKind; readonly range: Range; readonly subject: string }[] = [];
  readonly #parsed: Document;
  readonly #converted = new Map<Node, unknown>();
  /** How many values the aliases stand for. */
  #aliasedValues = 0;

  constructor(parsed: Document) {
    this.#parsed = parsed;
  }

  convert(node: unknown): unknown {
    if (isAlias(node)) return this.#convertAlias(node);
    if (isScalar(node)) {
      const { value: scalar, source } = node;
      return typeof scalar === 'number' && source !== undefined && String(scalar) !== source ? source : scalar;
    }
    if (!isMap(node) && !isSeq(node)) return null;
    const known = this.#converted.get(node);
    if (known !== undefined) return known;
    return isSeq(node) ? this.#convertList(node) : this.#convertMap(node);
  }

  #convertList(node: YAMLSeq): unknown[] {
    const result: unknown[] = [];
    const table = this.#begin(node, result);
    for (const [index, item] of node.items.entries()) {
      table.set(index, { value: rangeOf(item as Node) });
      result.push(this.convert(item));
    }
    return result;
  }

  #convertMap(node: YAMLMap): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const table = this.#begin(node, result);
    for (const pair of node.items) this.#addPair(result, table, pair as Pair<Node, Node | null>);
    return result;
  }

  /** Registers a result before its members are converted: an alias among them may name it. */
  #begin(node: Node, result: object): Map<string | number, Place> {
    const table = new Map<string | number, Place>();
    this.#converted.set(node, result);
    this.places.set(result, table);
    return table;
  }

  #addPair(
    result: Record<string, unknown>,
    table: Map<string | number, Place>,
    { key, value: valueNode }: Pair<Node, Node | null>,
  ): void {
    const keyRange = rangeOf(key);
    const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
    if (name === undefined) {
      this.#problem('KEY_NOT_TEXT', keyRange);
      return;
    }
    if (name === '<<') return this.#merge(result, table, valueNode, keyRange);
    table.set(name, { key: keyRange, value: valueNode?.range ? rangeOf(valueNode) : keyRange });
    setOwn(result, name, this.convert(valueNode));
  }

  /** `<<: *base` or `<<: [*a, *b]`: the map's own keys win, then the earlier of the named ones. */
  #merge(
    result: Record<string, unknown>,
    table: Map<string | number, Place>,
    node: Node | null,
    keyRange: Range,
  ): void {
    const sources = isSeq(node) ? (node.items as Node[]).map((item) => this.convert(item)) : [this.convert(node)];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.#problem('MERGED_NO_MAP', keyRange);
        continue;
      }
      for (const [name, member] of Object.entries(source)) {
        if (Object.hasOwn(result, name)) continue;
        const place = this.places.get(source)?.get(name);
        if (place) table.set(name, place);
        setOwn(result, name, member);
      }
    }
  }

  #convertAlias(alias: Alias): unknown {
    const target = alias.resolve(this.#parsed);
    // An alias within its own anchor names a value that is not complete; none is wanted in a config.
    if (target === undefined || contains(target, alias)) {
      this.#problem('ALIAS_WITHOUT_ANCHOR', rangeOf(alias), alias.source);
      return null;
    }
    const result = this.convert(target);
    this.#aliasedValues += sizeOf(result);
    if (this.#aliasedValues > valueLimit) {
      this.#problem('ALIASES_TOO_LARGE', rangeOf(alias), alias.source);
      return null;
    }
    return result;
  }

  #problem(kind: YamlProblemKind, range: Range, subject = ''): void {
    this.problems.push({ kind, range, subject });
  }
}

/** How many values a value holds; counting stops above the limit. */
function sizeOf(item: unknown): number {
  if (typeof item !== 'object' || item === null) return 1;
  let size = 1;
  for (const member of Object.values(item)) {
    size += sizeOf(member);
    if (size > valueLimit) break;
  }
  return size;
}

function contains(outerNode: Node, innerNode: Node): boolean {
  const outer = outerNode.range;
  const inner = innerNode.range;
  return Boolean(outer && inner && outer[0] <= inner[0] && inner[1] <= outer[1]);
}

function rangeOf(node: Node): Range {
  const [start = 0, end = 0] = node.range ?? [];
  return [start, end];
}

/** `__proto__` in a file is a key like any other, never a prototype. */
function setOwn(target: Record<string, unknown>, name: string, member: unknown): void {
  Object.defineProperty(target, name, { value: member, enumerable: true, configurable: true, writable: true });
}
