import type { Audit, Rule } from '../audit.ts';
import { authority } from '../baseline.ts';
import { compareToBaseline, isPinnedElsewhere, locationOf } from '../comparisons.ts';
import { isUnpinnedInCi } from './unpinned-in-ci.ts';
import type { LocatedDeclaration } from '../declaration.ts';

/** PD004. */
export const floats: Rule = {
  id: 'PD004',
  name: 'floats',
  severity: 'warning',
  sentence: 'A range admits the locked version but moves on by itself, while other places pin.',
  check: (audit) =>
    compareToBaseline(audit, ['install'], ['admits']).flatMap(({ subject, place, baseline, confidence }) => {
      const pin = pinOf(audit, place);
      if (pin === undefined || isPinnedElsewhere(audit, place) || isUnpinnedInCi(audit, place)) return [];
      const declared = place.value === '' ? 'any version' : place.raw;
      return [
        {
          confidence,
          topic: subject,
          message: `${place.how} takes ${declared}, ${pin.path}:${pin.span.line} pins ${pin.raw}`,
          declared: place.raw,
          locked: baseline.version,
          location: locationOf(place),
          related: [locationOf(pin)],
          hint: `pin ${baseline.version} here, too`,
        },
      ];
    }),
};

/** The most authoritative exact pin of the same subject in another file. */
function pinOf(audit: Audit, place: LocatedDeclaration): LocatedDeclaration | undefined {
  return compareToBaseline(audit, ['install'], ['same'])
    .filter((each) => each.subject === place.subject && each.place.path !== place.path)
    .map((each) => each.place)
    .toSorted((a, b) => authority(a) - authority(b))[0];
}
