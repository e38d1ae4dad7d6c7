import type { Rule } from '../audit.ts';
import { lockedVersion } from '../baseline.ts';
import { agree } from '../versions.ts';

const shown = 5;

/** PD033. One finding for an environment, however much of it differs. */
export const venvDiffers: Rule = {
  id: 'PD033',
  name: 'venv-differs',
  severity: 'warning',
  observes: true,
  sentence: 'A virtual environment on this machine holds other versions than the lock.',
  check: ({ lock, observed: { host } }) =>
    (host?.venvs ?? []).flatMap(({ path, python, packages }) => {
      if (lock === undefined) return [];
      const differing = [...packages].flatMap(([name, version]) => {
        const locked = lockedVersion(lock, `pypi:${name}`);
        return locked === undefined || agree(locked, version) ? [] : [`${name} ${version} (locked ${locked})`];
      });
      const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
      if (python !== undefined && minor(python) !== minor(lock.python.version))
        differing.unshift(`Python ${python} (locked ${lock.python.version})`);
      if (differing.length === 0) return [];
      const rest = differing.length > shown ? ` and ${differing.length - shown} more` : '';
      return [
        {
          confidence: 'high' as const,
          topic: 'host' as const,
          message: `${path} has ${differing.slice(0, shown).join(', ')}${rest}`,
          related: [],
          hint: 'editors and bare commands use it: install the locked versions there, or work by parity run and parity shell',
        },
      ];
    }),
};
