import { expect } from 'vitest';
import { placesOf } from '../../src/formats/places.ts';
import type { FileDeclarations, Reader } from '../../src/doctor/declaration.ts';

/** What a reader makes of a text; throws when a reading's characters are not those at its span, or it has neither a value nor a reason. */
export function declarationsOf(reader: Reader, path: string, text: string): FileDeclarations {
  const found = reader({ path, text });
  const places = placesOf(text);
  for (const { span, raw, value, unresolved } of found.declarations) {
    const [start, end] = [places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)];
    // Characters that join two lines may count as blanks.
    const joined = (written: string): string => written.replace(/\\\r?\n/g, (join) => ' '.repeat(join.length));
    expect(joined(text.slice(start, end))).toBe(joined(raw));
    expect((value === undefined) === (unresolved !== undefined)).toBe(true);
  }
  return found;
}

/** Readings as short lists: subject, value (or `? why not`), line:column, the characters, the condition if there is one. */
export function brief({ declarations }: FileDeclarations): readonly (readonly string[])[] {
  return declarations.map(({ subject, value, unresolved, span, raw, condition }) => [
    subject,
    value ?? `? ${unresolved}`,
    `${span.line}:${span.column}`,
    raw,
    ...(condition === undefined ? [] : [condition]),
  ]);
}

/** All that a reader found, as lines for people: readings, then commands, references and problems. */
export function describeDeclarations({ declarations, commands, references, problems }: FileDeclarations): string {
  return [
    ...declarations.map(({ subject, role, scheme, value, unresolved, span, raw, how, condition }) => {
      const meant = value === undefined ? `? ${unresolved}` : `${scheme} "${value}"`;
      const when = condition === undefined ? '' : ` when ${condition}`;
      return `${span.line}:${span.column} ${JSON.stringify(raw)} ${subject} ${role} ${meant} (${how})${when}`;
    }),
    ...commands.map(({ command, by, where, span, failureIgnored, cwd }) => {
      const rest = `${cwd === undefined ? '' : ` in ${cwd}`}${failureIgnored === undefined ? '' : ` toothless: ${failureIgnored}`}`;
      return `${span.line}:${span.column} runs ${command} (${by}, ${where})${rest}`;
    }),
    ...references.map(({ path, as, span }) => `${span.line}:${span.column} takes in ${path} as ${as}`),
    ...problems.map(({ message, span }) => `${span.line}:${span.column} problem: ${message}`),
  ].join('\n');
}
