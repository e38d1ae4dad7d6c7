import { getStaticTOMLValue, parseTOML, ParseError, type AST } from 'toml-eslint-parser';
import type { Span } from '../core/span.ts';
import { mapText, rangeOf, type MappedText, type Source } from './mapped-text.ts';
import { placesOf, type Places } from './places.ts';
import type { Table } from './table.ts';

/** Keys and indexes from the top of a TOML file. */
export type TomlPath = readonly (string | number)[];

/** A text of a TOML file. */
export interface TomlString {
  readonly mapped: MappedText;
  /** File offsets of what stands between the quotes. */
  readonly whole: readonly [start: number, end: number];
}

/** Why a text is no TOML, and where. */
export interface TomlProblem {
  readonly message: string;
  readonly span: Span;
}

/** A TOML file as plain values that still know where they stand. */
export class TomlDocument {
  readonly source: Source;
  /** Its values without their places. */
  readonly root: Table;
  readonly #program: AST.TOMLProgram;
  #spans: ReadonlyMap<string, Span> | undefined;

  constructor(source: Source, program: AST.TOMLProgram) {
    this.source = source;
    this.root = getStaticTOMLValue(program) as Table;
    this.#program = program;
  }

  /** The value at a path; undefined when there is none. */
  value(path: TomlPath): unknown {
    let value: unknown = this.root;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Record<string | number, unknown>)[key];
    }
    return value;
  }

  /** The names in a table, in order; none for what is no table. */
  keys(path: TomlPath): readonly string[] {
    const value = this.value(path);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
      ? Object.keys(value)
      : [];
  }

  /** The paths of a list's items; none for what is no list. */
  items(path: TomlPath): readonly TomlPath[] {
    const value = this.value(path);
    return Array.isArray(value) ? [...value.keys()].map((index) => [...path, index]) : [];
  }

  /** Where the value at a path stands, with its quotes; the document's start for one that is not there. */
  spanOf(path: TomlPath): Span {
    this.#spans ??= spansOf(this.#program);
    return this.#spans.get(JSON.stringify(path)) ?? { line: 1, column: 1, endLine: 1, endColumn: 2 };
  }

  /** The text (or number, as written) at a path; undefined for what is neither. */
  text(path: TomlPath): TomlString | undefined {
    const value = this.value(path);
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const { text, places } = this.source;
    const { line, column, endLine, endColumn } = this.spanOf(path);
    const [start, end] = [places.offset(line, column), places.offset(endLine, endColumn)];
    const written = text.slice(start, end);
    if (typeof value === 'number') return { mapped: mapText(written, start), whole: [start, end] };
    const quote = /^(?:"""(?:\r?\n)?|'''(?:\r?\n)?|["'])/.exec(written)?.[0] ?? '';
    const whole = [start + quote.length, end - quote.trimEnd().length] as const;
    const isExact = text.slice(...whole) === value;
    // With escapes in it no character is sure of its place.
    const offsets = Array.from({ length: value.length }, () => -1);
    return { mapped: isExact ? mapText(value, whole[0]) : { text: value, offsets }, whole };
  }
}

/** Reads TOML; gives the first problem when it is none. Never throws. */
export function readToml(text: string): TomlDocument | TomlProblem {
  const places = placesOf(text);
  try {
    // A byte order mark keeps its place as a blank.
    return new TomlDocument({ text, places }, parseTOML(text.replace(/^\uFEFF/, ' ')));
  } catch (error) {
    return tomlProblem(error, places);
  }
}

/** The plain values of a TOML text; undefined when the text is none, or not there. */
export function tomlTable(text: string | undefined): Table | undefined {
  if (text === undefined) return undefined;
  const document = readToml(text);
  return document instanceof TomlDocument ? document.root : undefined;
}

/** The file offsets of a text. */
export function tomlRange({ mapped, whole }: TomlString): readonly [start: number, end: number] {
  return rangeOf(mapped) ?? whole;
}

function tomlProblem(error: unknown, places: Places): TomlProblem {
  if (!(error instanceof ParseError)) {
    // Nested deeper than the parser's stack, for one.
    return { message: `no TOML: ${error instanceof Error ? error.message : String(error)}`, span: places.span(0, 0) };
  }
  const { lineNumber: line, column } = error;
  return { message: error.message, span: { line, column: column + 1, endLine: line, endColumn: column + 2 } };
}

function spansOf(program: AST.TOMLProgram): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  const visit = (node: AST.TOMLContentNode, path: TomlPath): void => {
    const { start, end } = node.loc;
    spans.set(JSON.stringify(path), {
      line: start.line,
      column: start.column + 1,
      endLine: end.line,
      endColumn: end.column + 1,
    });
    if (node.type === 'TOMLArray')
      for (const [index, element] of node.elements.entries()) visit(element, [...path, index]);
    if (node.type === 'TOMLInlineTable')
      for (const pair of node.body) visit(pair.value, [...path, ...getStaticTOMLValue(pair.key)]);
  };
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') visit(node.value, getStaticTOMLValue(node.key));
    else for (const pair of node.body) visit(pair.value, [...node.resolvedKey, ...getStaticTOMLValue(pair.key)]);
  }
  return spans;
}
