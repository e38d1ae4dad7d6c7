import type { Rule } from '../audit.ts';

const enoughBytes = 5e9;

/** PD036. */
export const diskLow: Rule = {
  id: 'PD036',
  name: 'disk-low',
  severity: 'warning',
  observes: true,
  sentence: 'Little room is left where the engine keeps its images.',
  check: ({ observed: { engine } }) =>
    engine?.freeBytes === undefined || engine.freeBytes >= enoughBytes
      ? []
      : [
          {
            confidence: 'high',
            topic: 'engine',
            message: `${(engine.freeBytes / 1e9).toFixed(1)} GB are free where the engine keeps its data; a build needs about 3 GB`,
            observed: `${engine.freeBytes} bytes`,
            related: [],
            hint: 'parity clean   removes what parity no longer uses',
          },
        ],
};
