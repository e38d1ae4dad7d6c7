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
  if (url !== undefined) {
    const tag = gitTag(url.text);
    if (tag === undefined)
      return { ...declaration, value: undefined, unresolved: `installed from ${originOf(url.text)}` };
    const from = offset + url.start + tag.at;
    const span = places.span(from, from + tag.version.length);
    return { ...declaration, span, raw: tag.version, value: `==${tag.version}` };
  }
  if (specifier !== undefined && /[$`{}]|%\(/.test(specifier.text))
    return { ...declaration, value: undefined, unresolved: `a variable (${specifier.text})` };
  return { ...declaration, value: (specifier?.text ?? '').replace(/\s+/g, '') };
}

/** The version that a git address takes by its tag, and where it stands: `git+https://…/black@25.9.0`, `…@v1.2#subdirectory=lib`. */
export function gitTag(url: string): { readonly version: string; readonly at: number } | undefined {
  if (!/^(?:git\+|git:|ssh:)/.test(url)) return undefined;
  const match = /(?<=@(?:refs\/tags\/)?v?)\d+(?:\.\d+)+(?:\.?(?:a|b|rc|post|dev)\d+)*(?=#|$)/.exec(url);
  return match === null ? undefined : { version: match[0], at: match.index };
}

function originOf(url: string): string {
  if (url.startsWith('git+')) return 'git';
  return /^file:|^\.{0,2}\//.test(url) ? 'a path' : 'an address';
}
