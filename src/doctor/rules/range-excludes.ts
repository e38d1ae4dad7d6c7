import type { Rule } from '../audit.ts';
import { againstHeld, heldWords, placeOf, hintFor } from '../judgement.ts';

/** PD002. */
export const rangeExcludes: Rule = {
  id: 'PD002',
  name: 'range-excludes',
  severity: 'error',
  sentence: 'A declared range does not admit the version that is locked.',
  check: (audit) =>
    againstHeld(audit, ['install', 'library', 'floor'], ['excludes']).map(({ subject, held, place, sure }) => ({
      confidence: sure,
      topic: subject,
      message: `${place.how} asks for ${place.said}, ${heldWords(held)}`,
      declared: place.said,
      locked: held.version,
      location: placeOf(place),
      related: held.place === undefined ? [] : [placeOf(held.place)],
      hint: hintFor(held, place, false),
    })),
};
