import { normalisedName } from '../formats/package-name.ts';
import type { Declaration } from './declaration.ts';
import { rangeInSource, type MappedText } from '../formats/mapped-text.ts';
import { type MappedRequirementContext } from './mapped-requirement.ts';

/** A requirement whose text can't be resolved to its end: unresolved, by the name that it begins with; undefined when that can't be told. */
export function unresolvedRequirement(
  { text }: MappedText,
  { source, whole, role, how, unresolved }: MappedRequirementContext & { readonly unresolved: string },
): Declaration | undefined {
  const name = /^\s*([A-Za-z][\w.-]*?)\s*(?:\[[^\]]*\]\s*)?(?:[=<>~!@;%(]|$)/.exec(text)?.[1];
  if (name === undefined) return undefined;
  return {
    subject: `pypi:${normalisedName(name)}`,
    role,
    scheme: 'pep440',
    value: undefined,
    unresolved,
    ...rangeInSource(source, ...whole),
    how,
  };
}
