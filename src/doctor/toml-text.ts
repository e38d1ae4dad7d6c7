import type { TomlDocument, TomlProblem } from '../lock/requirements/toml.ts';
import { readToml } from '../lock/requirements/toml.ts';
import { placesOf } from '../formats/places.ts';
import { mapText, rangeOf, type MappedText, type Source } from '../formats/mapped-text.ts';

/** Keys and indexes from the top of a TOML file. */
export type TomlPath = readonly (string | number)[];

/** A TOML file whose texts know where they stand. */
export interface TomlText {
  readonly source: Source;
  /** The value at a path; undefined when there is none. */
  value(path: TomlPath): unknown;
  /** The names in a table, in order; none for what is no table. */
  keys(path: TomlPath): readonly string[];
  /** The paths of a list's items; none for what is no list. */
  items(path: TomlPath): readonly TomlPath[];
  /** The text (or number, as written) at a path; undefined for what is neither. */
  text(path: TomlPath): TomlString | undefined;
}

/** A text of a TOML file. */
export interface TomlString {
  readonly mapped: MappedText;
  /** File offsets of what stands between the quotes. */
  readonly whole: readonly [start: number, end: number];
}

/** Reads TOML; gives the first problem when it is none. */
export function readTomlText(text: string): TomlText | TomlProblem {
  let toml: TomlDocument | TomlProblem;
  const places = placesOf(text);
  try {
    toml = readToml(text.replace(/^\uFEFF/, ' '));
  } catch (error) {
    return { message: `no TOML: ${error instanceof Error ? error.message : String(error)}`, span: places.span(0, 0) };
  }
  if (!('value' in toml)) return toml;
  const { value: top, at } = toml;
  const valueAt = (path: TomlPath): unknown => {
    let value: unknown = top;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Record<string | number, unknown>)[key];
    }
    return value;
  };
  return {
    source: { text, places },
    value: valueAt,
    keys(path) {
      const value = valueAt(path);
      return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
        ? Object.keys(value)
        : [];
    },
    items(path) {
      const value = valueAt(path);
      return Array.isArray(value) ? [...value.keys()].map((index) => [...path, index]) : [];
    },
    text(path) {
      const value = valueAt(path);
      if (typeof value !== 'string' && typeof value !== 'number') return undefined;
      const { line, column, endLine, endColumn } = at(path);
      const [start, end] = [places.offset(line, column), places.offset(endLine, endColumn)];
      const written = text.slice(start, end);
      if (typeof value === 'number') return { mapped: mapText(written, start), whole: [start, end] };
      const quote = /^(?:"""(?:\r?\n)?|'''(?:\r?\n)?|["'])/.exec(written)?.[0] ?? '';
      const whole = [start + quote.length, end - quote.trimEnd().length] as const;
      const isExact = text.slice(...whole) === value;
      // With escapes in it no character is sure of its place.
      const offsets = Array.from({ length: value.length }, () => -1);
      return { mapped: isExact ? mapText(value, whole[0]) : { text: value, offsets }, whole };
    },
  };
}

/** The file offsets of a text. */
export function tomlRange({ mapped, whole }: TomlString): readonly [start: number, end: number] {
  return rangeOf(mapped) ?? whole;
}
