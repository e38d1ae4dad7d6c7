import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type Pair } from 'yaml';
import type { Span } from '../core/span.ts';
import type { Places } from './places.ts';
import type { MappedText } from './mapped-text.ts';

/** A value of a YAML file that knows where its characters stand; aliases and merge keys are followed. */
export interface YamlValue {
  /** The text of a scalar as it means (`3.10` stays `3.10`); undefined for lists and maps and for null. */
  readonly text: string | undefined;
  /** The items of a list; none for what is no list. */
  readonly items: readonly YamlValue[];
  /** The members of a map, in order; none for what is no map. */
  readonly members: readonly (readonly [key: YamlValue, value: YamlValue])[];
  readonly isMap: boolean;
  /** The member of that key; undefined when there is none. */
  get(...path: readonly string[]): YamlValue | undefined;
  /** The tag that is written before it (`!reference`); undefined for one without. */
  readonly tag: string | undefined;
  /** The file offset of each UTF-16 unit of `text`; -1 for one that stands nowhere as it is (an escape, a fold). */
  readonly offsets: readonly number[];
  /** File offsets of the characters `from` up to `to` of `text`; of all of it without arguments. */
  range(from?: number, to?: number): readonly [start: number, end: number];
  /** What the rest of its line says after `#`. */
  readonly comment: string;
}

/** Deeper than any real file; a guard against aliases that hold themselves. */
const depthLimit = 60;

/** What could be read of a YAML file, and what could not. */
export interface YamlRead {
  readonly value: YamlValue;
  readonly problems: readonly { readonly message: string; readonly span: Span }[];
}

/** Reads the first document of a YAML file. Never throws: `value` is as much as could be read, `problems` what could not. */
export function readYaml(text: string, places: Places): YamlRead {
  return readYamlDocuments(text, places)[0] ?? { value: valueOf(null, undefined, text, 0), problems: [] };
}

/** Reads all documents of a YAML file, in order, each as readYaml does. */
export function readYamlDocuments(text: string, places: Places): readonly YamlRead[] {
  let parsed: readonly Document[];
  try {
    // Fast enough for files of thousands of lines; what is odd but readable is no business of doctor's.
    const documents = parseAllDocuments(text, {
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
      strict: false,
      logLevel: 'silent',
    });
    parsed = 'empty' in documents ? [] : documents;
  } catch (error) {
    const message = `no YAML: ${error instanceof Error ? error.message : String(error)}`;
    return [{ value: valueOf(null, undefined, text, 0), problems: [{ message, span: places.span(0, 0) }] }];
  }
  return parsed.map((document) => ({
    value: valueOf(document.contents, document, text, 0),
    problems: document.errors.slice(0, 1).map(({ message, pos }) => ({
      message: `no YAML: ${message.split('\n')[0]}`,
      span: places.span(Math.min(pos[0], text.length), Math.min(Math.max(pos[0], pos[1]), text.length)),
    })),
  }));
}

function valueOf(
  given: Node | null | undefined,
  document: Document | undefined,
  text: string,
  depth: number,
): YamlValue {
  const node = isAlias(given) && document !== undefined && depth < depthLimit ? given.resolve(document) : given;
  // The parser counts a newline at the end that a text without one lacks.
  const [start, end] = (node?.range ?? [0, 0]).slice(0, 2).map((at) => Math.min(at, text.length)) as [number, number];
  const make = (one: Node | null | undefined): YamlValue => valueOf(one, document, text, depth + 1);
  const isDeep = depth >= depthLimit;
  let offsets: readonly number[] | undefined;
  const members = (): readonly (readonly [YamlValue, YamlValue])[] => {
    if (!isMap(node) || isDeep) return [];
    return node.items.flatMap((item): (readonly [YamlValue, YamlValue])[] => {
      const { key, value } = item as Pair<Node, Node | null>;
      if (isScalar(key) && key.source === '<<') {
        const merged = make(value);
        return merged.isMap ? [...merged.members] : merged.items.flatMap((each) => [...each.members]);
      }
      return [[make(key), make(value)]];
    });
  };
  const self: YamlValue = {
    text: isScalar(node) ? scalarText(node) : undefined,
    get items() {
      return isSeq(node) && !isDeep ? node.items.map((item) => make(item as Node)) : [];
    },
    get members() {
      return members();
    },
    isMap: isMap(node),
    tag: node !== null && node !== undefined && 'tag' in node && !node.tag?.startsWith('tag:') ? node.tag : undefined,
    get offsets() {
      offsets ??= isScalar(node) ? offsetsOf(text, [start, end], self.text ?? '', node.type) : [];
      return offsets;
    },
    get(...path) {
      const [key, ...rest] = path;
      if (key === undefined) return self;
      // A map's own key stands before what is merged into it, wherever the merge is written.
      const own = isMap(node)
        ? (node.items as Pair<Node, Node | null>[]).find(({ key: each }) => isScalar(each) && scalarText(each) === key)
        : undefined;
      const found = own === undefined ? self.members.find(([each]) => each.text === key)?.[1] : make(own.value);
      return found?.get(...rest);
    },
    range(from = 0, to = self.text?.length ?? 0) {
      if (!isScalar(node) || self.text === undefined) return [start, end];
      const quoted = isQuoted(node.type) ? 1 : 0;
      if (to <= from) return from === 0 && quoted === 1 && end - start >= 2 ? [start + 1, end - 1] : [start, end];
      const stretch = self.offsets.slice(from, to).filter((offset) => offset >= 0);
      const [first, last] = [stretch[0], stretch.at(-1)];
      return first === undefined || last === undefined ? [start, end] : [first, last + 1];
    },
    get comment() {
      const line = text.slice(end, text.indexOf('\n', end) < 0 ? undefined : text.indexOf('\n', end));
      return /#\s*(.*)$/.exec(line)?.[1]?.trim() ?? '';
    },
  };
  return self;
}

function scalarText(node: {
  readonly value: unknown;
  readonly source?: string;
  readonly type?: string;
}): string | undefined {
  if (node.value === null || node.value === undefined) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function isQuoted(type: string | undefined): boolean {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
}

/**
 * The file offset of each character of a scalar's text. Blanks that fold or indent have none of their own, and escapes have none at all;
 * every other character stands in the file as it is, in the same order.
 */
function offsetsOf(
  text: string,
  [start, end]: readonly [number, number],
  value: string,
  type: string | undefined,
): readonly number[] {
  const quote = isQuoted(type) ? 1 : 0;
  const from = start + quote;
  const stop = end - quote;
  if (text.startsWith(value, from) && from + value.length <= Math.max(stop, from))
    return Array.from({ length: value.length }, (_, index) => from + index);
  const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
  const firstLine = text.indexOf('\n', start) + 1;
  let at = isBlock ? (firstLine === 0 ? end : firstLine) : from;
  const offsets: number[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const wanted = value[index] ?? '';
    if (isBlank(wanted)) {
      // Indentation stands before what is left of it in the value.
      offsets.push(at < stop && isBlank(text[at] ?? '') ? at++ : -1);
      continue;
    }
    let next = at;
    while (next < stop && isBlank(text[next] ?? '')) next += 1;
    if (type === 'QUOTE_DOUBLE')
      while (text[next] === '\\' && /^\\\r?\n/.test(text.slice(next, next + 3)))
        for (next += 1; next < stop && isBlank(text[next] ?? '');) next += 1;
    if (type === 'QUOTE_DOUBLE' && text[next] === '\\') {
      const escape = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/.exec(text.slice(next, next + 10))?.[0];
      // `\"`, `\/` and `\\` stand for the character itself.
      offsets.push(escape?.[1] === wanted && escape.length === 2 ? next + 1 : -1);
      at = next + (escape?.length ?? 1);
    } else if (next < stop && text[next] === wanted) {
      offsets.push(next);
      at = next + (type === 'QUOTE_SINGLE' && wanted === "'" ? 2 : 1);
    } else offsets.push(-1);
  }
  return offsets;
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

/** A YAML text where it stands in the file; escapes stand nowhere as they are. */
export function yamlText({ text = '', offsets }: YamlValue): MappedText {
  return { text, offsets };
}
