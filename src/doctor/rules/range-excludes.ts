import type { Rule } from '../audit.ts';
import { compareToBaseline, describeBaseline, locationOf, hintFor } from '../comparisons.ts';

/** PD002. */
export const rangeExcludes: Rule = {
  id: 'PD002',
  name: 'range-excludes',
  severity: 'error',
  sentence: 'A declared range does not admit the version that is locked.',
  check: (audit) =>
    compareToBaseline(audit, ['install', 'library', 'floor'], ['excludes']).map(
      ({ subject, baseline, place, confidence }) => ({
        confidence,
        topic: subject,
        message: `${place.how} asks for ${place.raw}, ${describeBaseline(baseline)}`,
        declared: place.raw,
        locked: baseline.version,
        location: locationOf(place),
        related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
        hint: hintFor(baseline, place, false),
      }),
    ),
};
