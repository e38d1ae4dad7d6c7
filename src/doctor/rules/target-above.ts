import type { Rule } from '../audit.ts';
import { describeBaseline, locationOf, confidenceIn, targetSettings } from '../comparisons.ts';

/** PD007. A list of targets (black's) is as old as its oldest. */
export const targetAbove: Rule = {
  id: 'PD007',
  name: 'target-above',
  severity: 'error',
  sentence: 'A tool writes or checks for a newer Python than the one that is locked.',
  check: (audit) =>
    targetSettings(audit).flatMap(({ oldest, baseline, order }) => {
      if (order <= 0) return [];
      return [
        {
          confidence: confidenceIn(baseline),
          topic: 'python' as const,
          message: `${oldest.how} is for Python ${oldest.value}, ${describeBaseline(baseline)}`,
          declared: oldest.raw,
          locked: baseline.version,
          location: locationOf(oldest),
          related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
          hint: `set it to ${baseline.version.split('.').slice(0, 2).join('.')}, or lock the newer Python (toolchain.python)`,
        },
      ];
    }),
};
