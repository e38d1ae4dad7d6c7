import type { Rule } from '../audit.ts';

/** PD041. */
export const fileModes: Rule = {
  id: 'PD041',
  name: 'file-modes',
  severity: 'warning',
  observes: true,
  sentence: 'Executable bits are not noticed by git here.',
  check: ({ observed: { host } }) =>
    host?.git.fileMode !== false
      ? []
      : [
          {
            confidence: 'high',
            topic: 'host',
            message: 'core.fileMode is false: scripts may be executable here and not in CI, or the other way round',
            observed: 'core.filemode=false',
            related: [],
            hint: 'git config core.fileMode true, where the file system keeps the bits; else git update-index --chmod=+x FILE',
          },
        ],
};
