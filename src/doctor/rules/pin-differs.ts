import type { Rule } from '../audit.ts';
import { compareToBaseline, describeBaseline, locationOf, fixTo, hintFor } from '../comparisons.ts';

/** PD001. */
export const pinDiffers: Rule = {
  id: 'PD001',
  name: 'pin-differs',
  severity: 'error',
  sentence: 'A pin names another version than the one that is locked.',
  check: (audit) =>
    compareToBaseline(audit, ['install'], ['other']).map(({ subject, baseline, place, confidence }) => {
      const replaced = fixTo(place, baseline);
      return {
        confidence,
        topic: subject,
        message: `${place.how} pins ${place.raw}, ${describeBaseline(baseline)}`,
        declared: place.raw,
        locked: baseline.version,
        location: locationOf(place),
        related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
        hint: hintFor(baseline, place, replaced.fix !== undefined),
        ...replaced,
      };
    }),
};
