import type { Rule } from '../audit.ts';
import { lockedVersion } from '../baseline.ts';
import type { Subject } from '../declaration.ts';

const subjects: Readonly<Record<string, Subject>> = {
  python: 'python',
  python3: 'python',
  node: 'node',
  npm: 'npm:npm',
};

/** PD032. Of Python the minor version counts, of Node and npm the major one; of tools all of it. */
export const hostToolDiffers: Rule = {
  id: 'PD032',
  name: 'host-tool-differs',
  severity: 'warning',
  observes: true,
  sentence: 'A tool that comes first in PATH on this machine has another version than the lock.',
  check: ({ lock, observed: { host } }) =>
    (host?.tools ?? []).flatMap(({ program, path, version }) => {
      const subject = subjects[program] ?? (`pypi:${program}` as const);
      const locked = lock === undefined ? undefined : lockedVersion(lock, subject);
      if (locked === undefined) return [];
      const parts = subject === 'python' ? 2 : subject === 'node' || subject === 'npm:npm' ? 1 : 99;
      const beginning = (whole: string): string => whole.split('.').slice(0, parts).join('.');
      if (beginning(version) === beginning(locked)) return [];
      return [
        {
          confidence: 'high' as const,
          topic: subject,
          message: `${path} is ${version}, the lock has ${locked}`,
          locked,
          observed: version,
          related: [],
          hint: `parity run -- ${program} …   uses the locked one`,
        },
      ];
    }),
};
