import type { Rule } from '../audit.ts';
import { againstHeld, heldWords, placeOf, replaceBy, hintFor } from '../judgement.ts';

/** PD001. */
export const pinDiffers: Rule = {
  id: 'PD001',
  name: 'pin-differs',
  severity: 'error',
  sentence: 'A pin names another version than the one that is locked.',
  check: (audit) =>
    againstHeld(audit, ['install'], ['other']).map(({ subject, held, place, sure }) => {
      const replaced = replaceBy(place, held);
      return {
        confidence: sure,
        topic: subject,
        message: `${place.how} pins ${place.said}, ${heldWords(held)}`,
        declared: place.said,
        locked: held.version,
        location: placeOf(place),
        related: held.place === undefined ? [] : [placeOf(held.place)],
        hint: hintFor(held, place, replaced.fix !== undefined),
        ...replaced,
      };
    }),
};
