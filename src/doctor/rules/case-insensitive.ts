import type { Rule } from '../audit.ts';

/** PD042. */
export const caseInsensitive: Rule = {
  id: 'PD042',
  name: 'case-insensitive',
  severity: 'note',
  observes: true,
  sentence: "The work tree's file system takes upper and lower case for the same.",
  check: ({ observed: { host } }) =>
    host?.isCaseInsensitive !== true
      ? []
      : [
          {
            confidence: 'high',
            topic: 'host',
            message: 'an import of `Utils` finds `utils.py` here, and not in CI',
            related: [],
            hint: 'parity up --cold runs on the same files; CI on Linux tells them apart',
          },
        ],
};
