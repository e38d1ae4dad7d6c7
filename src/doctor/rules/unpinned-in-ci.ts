import type { Audit, Rule } from '../audit.ts';
import { isCiFile, isPinnedElsewhere, locationOf } from '../comparisons.ts';
import { isDeciding } from '../tools.ts';
import type { LocatedDeclaration } from '../declaration.ts';

/** PD005. */
export const unpinnedInCi: Rule = {
  id: 'PD005',
  name: 'unpinned-in-ci',
  severity: 'warning',
  sentence: 'CI installs a tool that decides a check without saying which version.',
  check: (audit) =>
    [...audit.places.values()].flat().flatMap((place) => {
      if (!isUnpinnedInCi(audit, place)) return [];
      const baseline = audit.baselines.get(place.subject);
      const pin = baseline === undefined ? 'a version' : baseline.version;
      return [
        {
          confidence: 'high' as const,
          topic: place.subject,
          message: `${place.how} takes whatever ${place.raw} is newest that day`,
          declared: place.raw,
          ...(baseline === undefined ? {} : { locked: baseline.version }),
          location: locationOf(place),
          related: [],
          hint: place.subject.startsWith('pypi:')
            ? `write ${place.subject.slice('pypi:'.length)}==${baseline?.version ?? 'VERSION'}, or run it by parity up`
            : `name ${pin} here`,
        },
      ];
    }),
};

/** True for a place in a CI file that installs a deciding tool at any version, unless another file that goes with it says which. */
export function isUnpinnedInCi(audit: Audit, place: LocatedDeclaration): boolean {
  if (!isCiFile(place.path) || place.role !== 'install' || place.value !== '') return false;
  if (!isDeciding(place.subject) || place.subject === 'python' || place.subject === 'node') return false;
  return !isPinnedElsewhere(audit, place);
}
