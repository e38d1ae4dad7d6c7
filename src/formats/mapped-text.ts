import type { Span } from '../core/span.ts';
import type { Places } from './places.ts';

/** A file's text and its places. */
export interface Source {
  readonly text: string;
  readonly places: Places;
}

/** A text whose characters stand in one file, not necessarily side by side: `black==` here and `25.9.0` in a constant. */
export interface MappedText {
  readonly text: string;
  /** The file offset of each UTF-16 unit; -1 for one that stands nowhere as it is (an escape). */
  readonly offsets: readonly number[];
}

/** A text that stands in the file as it is, from an offset on. */
export function mapText(text: string, start: number): MappedText {
  return { text, offsets: Array.from({ length: text.length }, (_, index) => start + index) };
}

/** Texts one after another. */
export function joined(parts: readonly MappedText[]): MappedText {
  return { text: parts.map(({ text }) => text).join(''), offsets: parts.flatMap(({ offsets }) => offsets) };
}

/** The characters `from` up to `to`. */
export function cut({ text, offsets }: MappedText, from: number, to: number = text.length): MappedText {
  return { text: text.slice(from, to), offsets: offsets.slice(from, to) };
}

/** Without the blanks around it. */
export function trimmed(mapped: MappedText): MappedText {
  const from = mapped.text.length - mapped.text.trimStart().length;
  return cut(mapped, from, Math.max(from, mapped.text.trimEnd().length));
}

/**
 * File offsets of the text: all of it where it stands in one piece, else its last piece (the version of `black==` + `25.9.0`); undefined
 * when that stands nowhere.
 */
export function rangeOf({ offsets }: MappedText): readonly [start: number, end: number] | undefined {
  const last = offsets.at(-1);
  if (last === undefined || last < 0) return undefined;
  let from = offsets.length - 1;
  while (from > 0 && offsets[from - 1] === (offsets[from] ?? 0) - 1) from -= 1;
  return [offsets[from] ?? last, last + 1];
}

/** The span from `start` to `end`, and the characters there. */
export function rangeInSource(
  { text, places }: Source,
  start: number,
  end: number,
): { readonly span: Span; readonly raw: string } {
  return { span: places.span(start, end), raw: text.slice(start, end) };
}
