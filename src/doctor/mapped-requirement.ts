import { placesOf } from '../formats/places.ts';
import { cut, rangeOf, rangeInSource, type MappedText, type Source } from '../formats/mapped-text.ts';
import type { Declaration, Role } from './declaration.ts';
import { requirementDeclaration } from './requirement.ts';

/** What a requirement is there for, and where its text comes from. */
export interface MappedRequirementContext {
  readonly source: Source;
  /** File offsets of the whole text, for what can't be placed more exactly. */
  readonly whole: readonly [start: number, end: number];
  readonly role: Role;
  readonly how: string;
}

/** Reads one requirement out of a scattered text, as requirementDeclaration does; undefined for what is none. */
export function readMappedRequirement(mapped: MappedText, context: MappedRequirementContext): Declaration | undefined {
  const { source, whole, role, how } = context;
  const places = placesOf(mapped.text);
  const read = requirementDeclaration(mapped.text, { places, offset: 0, role, how });
  if (read === undefined) return undefined;
  const [from, to] = [
    places.offset(read.span.line, read.span.column),
    places.offset(read.span.endLine, read.span.endColumn),
  ];
  const range = rangeOf(cut(mapped, from, to)) ?? whole;
  return { ...read, ...rangeInSource(source, ...range) };
}
