import { normalName } from '../config/detect/requirement.ts';
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

const form =
  /^\s*(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:@\s*(?<url>\S+)|(?<open>\()?\s*(?<specifier>(?:===|~=|==|!=|<=|>=|<|>)[^;)#]*?)?\s*\)?)\s*(?:;\s*(?<marker>.+?))?\s*$/d;

/**
 * Reads one requirement (PEP 508, with the blanks that pip allows); undefined for what is none: an option, a path, an address. The text
 * holds no comment and stands in the file as it is, on one line.
 */
export function readRequirement(
  text: string,
  { places, offset, role, how }: RequirementContext,
): Declaration | undefined {
  const match = form.exec(text);
  const groups = match?.groups;
  const at = match?.indices?.groups;
  if (groups?.['name'] === undefined || at === undefined) return undefined;
  const of = (group: string): readonly [number, number] => at[group] ?? [0, text.trimEnd().length];
  const { url, marker } = groups;
  const specifier = groups['specifier']?.replace(/[\s,]+$/, '');
  const [start, end] = url !== undefined ? of('url') : specifier ? widthOf(of('specifier')[0], specifier) : of('name');
  const declaration = {
    subject: `pypi:${normalName(groups['name'])}` as const,
    role,
    scheme: 'pep440' as const,
    span: places.span(offset + start, offset + end),
    raw: text.slice(start, end),
    how,
    ...(marker === undefined ? {} : { condition: marker }),
  };
  if (url !== undefined) return { ...declaration, value: undefined, unresolved: `installed from ${originOf(url)}` };
  if (specifier !== undefined && /[$`{}]|%\(/.test(specifier))
    return { ...declaration, value: undefined, unresolved: `a variable (${specifier})` };
  return { ...declaration, value: (specifier ?? '').replace(/\s+/g, '') };
}

function widthOf(start: number, text: string): readonly [number, number] {
  return [start, start + text.length];
}

function originOf(url: string): string {
  if (url.startsWith('git+')) return 'git';
  return /^file:|^\.{0,2}\//.test(url) ? 'a path' : 'an address';
}
