import type { Rule } from '../audit.ts';
import { locationOf } from '../comparisons.ts';
import { isDeciding } from '../tools.ts';

/** PD011. */
export const unresolved: Rule = {
  id: 'PD011',
  name: 'undecided',
  severity: 'note',
  sentence: 'A place declares a version that reading alone can not decide.',
  check: ({ places, baselines }) =>
    [...places].flatMap(([subject, declarations]) => {
      if (!isDeciding(subject) && !baselines.has(subject)) return [];
      return declarations.flatMap((place) =>
        place.unresolved === undefined || isOtherPython(place.unresolved)
          ? []
          : [
              {
                confidence: 'high' as const,
                topic: subject,
                message: `${place.how}: ${place.unresolved}`,
                declared: place.raw,
                location: locationOf(place),
                related: [],
                hint: 'look at it yourself, or name the version there',
              },
            ],
      );
    }),
};

/** PyPy and its like have versions of their own, which no lock of parity's is about. */
function isOtherPython(why: string): boolean {
  return why.startsWith('another Python');
}
