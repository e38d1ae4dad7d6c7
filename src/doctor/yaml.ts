import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { FileReadings } from './reading.ts';
import type { Places } from './places.ts';

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
  /** File offsets of the characters `from` up to `to` of `text`; of all of it without arguments. */
  range(from?: number, to?: number): readonly [start: number, end: number];
  /** What the rest of its line says after `#`. */
  readonly comment: string;
}

/** Deeper than any real file; a guard against aliases that hold themselves. */
const depthLimit = 60;

/** Reads the first document of a YAML file. Never throws: `value` is as much as could be read, `problems` what could not. */
export function readYaml(
  text: string,
  places: Places,
): { readonly value: YamlValue; readonly problems: FileReadings['problems'] } {
  let parsed: Document;
  try {
    // Fast enough for files of thousands of lines; what is odd but readable is no business of doctor's.
    parsed = parseDocument(text, {
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
      strict: false,
      logLevel: 'silent',
    });
  } catch (error) {
    const message = `no YAML: ${error instanceof Error ? error.message : String(error)}`;
    return { value: valueOf(null, undefined, text, 0), problems: [{ message, span: places.span(0, 0) }] };
  }
  const problems = parsed.errors.slice(0, 1).map(({ message, pos }) => ({
    message: `no YAML: ${message.split('\n')[0]}`,
    span: places.span(pos[0], Math.max(pos[0], Math.min(pos[1], text.length))),
  }));
  return { value: valueOf(parsed.contents, parsed, text, 0), problems };
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
    range(from, to) {
      const value = self.text ?? '';
      return isScalar(node)
        ? scalarRange(text, [start, end], value, from ?? 0, to ?? value.length, node.type)
        : [start, end];
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

/** Where a part of a scalar's text stands: exact for one-line scalars and literal blocks, else found by its characters. */
function scalarRange(
  text: string,
  [start, end]: readonly [number, number],
  value: string,
  from: number,
  to: number,
  type: string | undefined,
): readonly [number, number] {
  const source = text.slice(start, end);
  const quote = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? 1 : 0;
  if (source.slice(quote, quote + value.length) === value) return [start + quote + from, start + quote + to];
  if (type === 'BLOCK_LITERAL') {
    const offsets = literalOffsets(text, start, end, value);
    const [first, last] = [offsets[from], offsets[to - 1]];
    if (first !== undefined && last !== undefined && last < end) return [first, last + 1];
  }
  const wanted = value.slice(from, to);
  const nth = value.slice(0, from).split(wanted).length - 1;
  let at = start - 1;
  for (let count = 0; count <= nth; count += 1) at = text.indexOf(wanted, at + 1);
  return wanted !== '' && at >= start && at + wanted.length <= end ? [at, at + wanted.length] : [start, end];
}

/** The file offset of each character of a literal block's text. */
function literalOffsets(text: string, start: number, end: number, value: string): readonly number[] {
  const offsets: number[] = [];
  let at = text.indexOf('\n', start) + 1;
  for (const line of value.split('\n')) {
    const next = text.indexOf('\n', at);
    const stop = next < 0 || next > end ? end : next;
    const raw = text.slice(at, stop).replace(/\r$/, '');
    const indent = raw.length - line.length;
    for (let index = 0; index < line.length; index += 1) offsets.push(at + indent + index);
    offsets.push(stop);
    at = stop + 1;
  }
  return offsets;
}
