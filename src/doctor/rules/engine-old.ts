import type { Rule } from '../audit.ts';

/** The oldest that parity is tested on, as [major, minor]. */
const oldest = { docker: [20, 10], podman: [4, 3] } as const;

/** PD035. */
export const engineOld: Rule = {
  id: 'PD035',
  name: 'engine-old',
  severity: 'warning',
  observes: true,
  sentence: 'The engine is older than those that parity is tested on.',
  check: ({ observed: { engine } }) => {
    if (engine === undefined || engine.product === 'other') return [];
    const [major = 0, minor = 0] = engine.version.split('.').map(Number);
    const [leastMajor, leastMinor] = oldest[engine.product];
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return [];
    return [
      {
        confidence: 'high',
        topic: 'engine',
        message: `${engine.product} ${engine.version} at ${engine.address} is older than ${leastMajor}.${leastMinor}`,
        observed: engine.version,
        related: [],
        hint: 'update the engine',
      },
    ];
  },
};
