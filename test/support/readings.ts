import { expect } from 'vitest';
import { placesOf } from '../../src/doctor/places.ts';
import type { FileReadings, Reader } from '../../src/doctor/reading.ts';

/** What a reader makes of a text; throws when a reading's characters are not those at its span, or it has neither a value nor a reason. */
export function readingsOf(reader: Reader, path: string, text: string): FileReadings {
  const found = reader({ path, text });
  const places = placesOf(text);
  for (const { span, said, value, undecided } of found.readings) {
    const [start, end] = [places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)];
    // Characters that join two lines count as blanks.
    expect(text.slice(start, end).replace(/\\\r?\n/g, (join) => ' '.repeat(join.length))).toBe(said);
    expect((value === undefined) === (undecided !== undefined)).toBe(true);
  }
  return found;
}

/** Readings as short lists: subject, value (or `? why not`), line:column, the characters, the condition if there is one. */
export function brief({ readings }: FileReadings): readonly (readonly string[])[] {
  return readings.map(({ subject, value, undecided, span, said, condition }) => [
    subject,
    value ?? `? ${undecided}`,
    `${span.line}:${span.column}`,
    said,
    ...(condition === undefined ? [] : [condition]),
  ]);
}
