import { expect } from 'vitest';
import { placesOf } from '../../src/formats/places.ts';
import type { FileDeclarations, Reader } from '../../src/doctor/declaration.ts';

/** What a reader makes of a text; throws when a reading's characters are not those at its span, or it has neither a value nor a reason. */
export function declarationsOf(reader: Reader, path: string, text: string): FileDeclarations {
  const found = reader({ path, text });
  const places = placesOf(text);
  for (const { span, said, value, undecided } of found.declarations) {
    const [start, end] = [places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)];
    // Characters that join two lines may count as blanks.
    const joined = (written: string): string => written.replace(/\\\r?\n/g, (join) => ' '.repeat(join.length));
    expect(joined(text.slice(start, end))).toBe(joined(said));
    expect((value === undefined) === (undecided !== undefined)).toBe(true);
  }
  return found;
}

/** Readings as short lists: subject, value (or `? why not`), line:column, the characters, the condition if there is one. */
export function brief({ declarations: readings }: FileDeclarations): readonly (readonly string[])[] {
  return readings.map(({ subject, value, undecided, span, said, condition }) => [
    subject,
    value ?? `? ${undecided}`,
    `${span.line}:${span.column}`,
    said,
    ...(condition === undefined ? [] : [condition]),
  ]);
}

/** All that a reader found, as lines for people: readings, then commands, references and problems. */
export function describeDeclarations({
  declarations: readings,
  commands,
  references,
  problems,
}: FileDeclarations): string {
  return [
    ...readings.map(({ subject, role, scheme, value, undecided, span, said, how, condition }) => {
      const meant = value === undefined ? `? ${undecided}` : `${scheme} "${value}"`;
      const when = condition === undefined ? '' : ` when ${condition}`;
      return `${span.line}:${span.column} ${JSON.stringify(said)} ${subject} ${role} ${meant} (${how})${when}`;
    }),
    ...commands.map(({ command, by, where, span, failureIgnored: toothless, cwd }) => {
      const rest = `${cwd === undefined ? '' : ` in ${cwd}`}${toothless === undefined ? '' : ` toothless: ${toothless}`}`;
      return `${span.line}:${span.column} runs ${command} (${by}, ${where})${rest}`;
    }),
    ...references.map(({ path, as, span }) => `${span.line}:${span.column} takes in ${path} as ${as}`),
    ...problems.map(({ message, span }) => `${span.line}:${span.column} problem: ${message}`),
  ].join('\n');
}
