import type { Rule } from '../audit.ts';

/** PD045. */
export const envChangesTools: Rule = {
  id: 'PD045',
  name: 'env-changes-tools',
  severity: 'warning',
  observes: true,
  sentence: 'Variables are set on this machine that change what bare tools do.',
  check: ({ observed: { host } }) => {
    const set = [...(host?.env ?? [])];
    if (set.length === 0) return [];
    const described = set.map(([name, value]) => `${name}=${value.length > 60 ? `${value.slice(0, 59)}…` : value}`);
    return [
      {
        confidence: 'high',
        topic: 'host',
        message: `${described.join(' ')}: no step sees them, bare commands do`,
        related: [],
        hint: `unset ${set.map(([name]) => name).join(' ')}`,
      },
    ];
  },
};
