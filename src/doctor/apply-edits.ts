import type { Edit } from './finding.ts';
import { placesOf } from '../formats/places.ts';

/** A text with edits made, and the edits that were not: what stood there was not what was read. */
export interface EditedText {
  readonly text: string;
  readonly made: number;
}

/**
 * Replaces the characters of each edit, everything else staying as it is. An edit whose characters are not there, or that overlaps one
 * made before, is left out.
 */
export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const places = placesOf(text);
  const placed = edits
    .map((edit) => ({
      ...edit,
      start: places.offset(edit.span.line, edit.span.column),
      end: places.offset(edit.span.endLine, edit.span.endColumn),
    }))
    .toSorted((a, b) => b.start - a.start);
  let [fixed, made, before] = [text, 0, Infinity];
  for (const { start, end, raw, replacement } of placed) {
    if (end > before || text.slice(start, end) !== raw) continue;
    fixed = fixed.slice(0, start) + replacement + fixed.slice(end);
    before = start;
    made += 1;
  }
  return { text: fixed, made };
}
