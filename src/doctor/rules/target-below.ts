import type { Rule } from '../audit.ts';
import { describeBaseline, locationOf, confidenceIn, targetSettings } from '../comparisons.ts';
import { verdict } from '../versions.ts';

/** PD008. Fine for what supports older Pythons: then requires-python or a matrix names them. */
export const targetBelow: Rule = {
  id: 'PD008',
  name: 'target-below',
  severity: 'warning',
  sentence: 'A tool writes or checks for an older Python than the locked one, and nothing says that it is supported.',
  check: (audit) =>
    targetSettings(audit).flatMap(({ newest, baseline, newestOrder }) => {
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
          confidence: confidenceIn(baseline),
          topic: 'python' as const,
          message: `${newest.how} is for Python ${value}, ${describeBaseline(baseline)}`,
          declared: newest.raw,
          locked: baseline.version,
          location: locationOf(newest),
          related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
          hint: `set it to ${baseline.version.split('.').slice(0, 2).join('.')}, or say in requires-python that ${value} is supported`,
        },
      ];
    }),
};
