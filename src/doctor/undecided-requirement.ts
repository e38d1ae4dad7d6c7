import { normalName } from '../config/detect/requirement.ts';
import type { Reading } from './reading.ts';
import { spot, type Scattered } from '../formats/scattered.ts';
import { type ScatteredContext } from './scattered-requirement.ts';

/** A requirement whose text can't be told to the end: undecided, by the name that it begins with; undefined when that can't be told. */
export function undecidedRequirement(
  { text }: Scattered,
  { source, whole, role, how, undecided }: ScatteredContext & { readonly undecided: string },
): Reading | undefined {
  const name = /^\s*([A-Za-z][\w.-]*?)\s*(?:\[[^\]]*\]\s*)?(?:[=<>~!@;%(]|$)/.exec(text)?.[1];
  if (name === undefined) return undefined;
  return {
    subject: `pypi:${normalName(name)}`,
    role,
    scheme: 'pep440',
    value: undefined,
    undecided,
    ...spot(source, ...whole),
    how,
  };
}
