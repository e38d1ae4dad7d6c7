import { normalisedName } from '../formats/package-name.ts';
import { readRequirement } from '../formats/requirement.ts';
import type { Places } from '../formats/places.ts';
import type { Declaration, Role } from './declaration.ts';

/** Where a requirement stands and what it is there for. */
export interface RequirementContext {
  readonly places: Places;
  /** Offset of the requirement's first character in the file. */
  readonly offset: number;
  readonly role: Role;
  readonly how: string;
}

/**
 * What one requirement declares; undefined for what is none: an option, a path, an address. The text
 * holds no comment and stands in the file as it is, on one line.
 */
export function requirementDeclaration(
  text: string,
  { places, offset, role, how }: RequirementContext,
): Declaration | undefined {
  const { requirement } = readRequirement(text);
  if (requirement === undefined) return undefined;
  const { name, url, specifier, marker } = requirement;
  const { start, end } = url ?? specifier ?? name;
  const declaration = {
    subject: `pypi:${normalisedName(name.text)}` as const,
    role,
    scheme: 'pep440' as const,
    span: places.span(offset + start, offset + end),
    raw: text.slice(start, end),
    how,
    ...(marker === undefined ? {} : { condition: marker.text }),
  };
  if (url !== undefined)
    return { ...declaration, value: undefined, unresolved: `installed from ${originOf(url.text)}` };
  if (specifier !== undefined && /[$`{}]|%\(/.test(specifier.text))
    return { ...declaration, value: undefined, unresolved: `a variable (${specifier.text})` };
  return { ...declaration, value: (specifier?.text ?? '').replace(/\s+/g, '') };
}

function originOf(url: string): string {
  if (url.startsWith('git+')) return 'git';
  return /^file:|^\.{0,2}\//.test(url) ? 'a path' : 'an address';
}
