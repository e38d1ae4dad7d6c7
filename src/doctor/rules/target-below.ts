import type { Rule } from '../audit.ts';
import { heldWords, placeOf, sureness, targets } from '../judgement.ts';
import { verdict } from '../versions.ts';

/** PD008. Fine for what supports older Pythons: then requires-python or a matrix names them. */
export const targetBelow: Rule = {
  id: 'PD008',
  name: 'target-below',
  severity: 'warning',
  sentence: 'A tool writes or checks for an older Python than the locked one, and nothing says that it is supported.',
  check: (audit) =>
    targets(audit).flatMap(({ newest, held, newestOrder }) => {
      const { value } = newest;
      if (newestOrder >= 0 || value === undefined) return [];
      const isSupported = (audit.places.get('python') ?? []).some(
        (place) =>
          (place.role === 'floor' || place.role === 'support') &&
          place.value !== undefined &&
          ['same', 'admits'].includes(verdict({ scheme: place.scheme, value: place.value }, value)),
      );
      if (isSupported) return [];
      return [
        {
          confidence: sureness(held),
          topic: 'python' as const,
          message: `${newest.how} is for Python ${value}, ${heldWords(held)}`,
          declared: newest.said,
          locked: held.version,
          location: placeOf(newest),
          related: held.place === undefined ? [] : [placeOf(held.place)],
          hint: `set it to ${held.version.split('.').slice(0, 2).join('.')}, or say in requires-python that ${value} is supported`,
        },
      ];
    }),
};
