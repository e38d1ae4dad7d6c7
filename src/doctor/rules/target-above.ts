import type { Rule } from '../audit.ts';
import { heldWords, placeOf, sureness, targets } from '../judgement.ts';

/** PD007. A list of targets (black's) is as old as its oldest. */
export const targetAbove: Rule = {
  id: 'PD007',
  name: 'target-above',
  severity: 'error',
  sentence: 'A tool writes or checks for a newer Python than the one that is locked.',
  check: (audit) =>
    targets(audit).flatMap(({ oldest, held, order }) => {
      if (order <= 0) return [];
      return [
        {
          confidence: sureness(held),
          topic: 'python' as const,
          message: `${oldest.how} is for Python ${oldest.value}, ${heldWords(held)}`,
          declared: oldest.said,
          locked: held.version,
          location: placeOf(oldest),
          related: held.place === undefined ? [] : [placeOf(held.place)],
          hint: `set it to ${held.version.split('.').slice(0, 2).join('.')}, or lock the newer Python (toolchain.python)`,
        },
      ];
    }),
};
