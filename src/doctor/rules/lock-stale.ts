import type { Rule } from '../audit.ts';

/** PD013. */
export const lockStale: Rule = {
  id: 'PD013',
  name: 'lock-stale',
  severity: 'error',
  sentence: 'The lock was resolved from other inputs than those that are there now.',
  check: ({ stale, project }) =>
    stale.length === 0
      ? []
      : [
          {
            confidence: 'high',
            topic: 'file',
            message: `the lock does not answer to its inputs any more: ${stale.join(', ')}`,
            location: {
              path: project === '.' ? 'parity.lock.json' : `${project}/parity.lock.json`,
              span: { line: 1, column: 1, endLine: 1, endColumn: 1 },
              raw: '',
              note: 'the lock',
            },
            related: [],
            hint: 'parity lock',
          },
        ],
};
