import type { Audit, Declaration, Rule } from '../audit.ts';
import { isCiFile, isPinnedElsewhere, placeOf } from '../judgement.ts';
import { isDeciding } from '../tools.ts';

/** PD005. */
export const unpinnedInCi: Rule = {
  id: 'PD005',
  name: 'unpinned-in-ci',
  severity: 'warning',
  sentence: 'CI installs a tool that decides a check without saying which version.',
  check: (audit) =>
    [...audit.places.values()].flat().flatMap((place) => {
      if (!isUnpinnedInCi(audit, place)) return [];
      const held = audit.held.get(place.subject);
      const pin = held === undefined ? 'a version' : held.version;
      return [
        {
          confidence: 'high' as const,
          topic: place.subject,
          message: `${place.how} takes whatever ${place.said} is newest that day`,
          declared: place.said,
          ...(held === undefined ? {} : { locked: held.version }),
          location: placeOf(place),
          related: [],
          hint: place.subject.startsWith('pypi:')
            ? `write ${place.subject.slice('pypi:'.length)}==${held?.version ?? 'VERSION'}, or run it by parity up`
            : `name ${pin} here`,
        },
      ];
    }),
};

/** True for a place in a CI file that installs a deciding tool at any version, unless another file that goes with it says which. */
export function isUnpinnedInCi(audit: Audit, place: Declaration): boolean {
  if (!isCiFile(place.path) || place.role !== 'install' || place.value !== '') return false;
  if (!isDeciding(place.subject) || place.subject === 'python' || place.subject === 'node') return false;
  return !isPinnedElsewhere(audit, place);
}
