import type { Rule } from '../audit.ts';
import { authority } from '../baseline.ts';
import { compareToBaseline, hintFor, isExplicit, locationOf, wrongLocks } from '../comparisons.ts';

/** PD003. The places that differ have findings of their own (PD001, PD002, PD010); this is the other end of each disagreement. */
export const placesDisagree: Rule = {
  id: 'PD003',
  name: 'places-disagree',
  severity: 'error',
  sentence: 'Two places of the repository name different versions of one thing.',
  check: (audit) => {
    const agreeing = compareToBaseline(audit, ['install', 'locked'], ['same']);
    const differing = [...compareToBaseline(audit, ['install'], ['other', 'excludes']), ...wrongLocks(audit)];
    return [...new Set(differing.map(({ subject }) => subject))].flatMap((subject) => {
      const others = differing.filter((each) => each.subject === subject);
      const [first] = agreeing
        .filter((each) => each.subject === subject)
        .toSorted((a, b) => authority(a.place) - authority(b.place));
      const [other, ...more] = others;
      if (first === undefined || other === undefined) return [];
      const rest = more.length === 0 ? '' : `, and ${more.length} more`;
      const { place, baseline, confidence } = first;
      return [
        {
          confidence,
          topic: subject,
          message: `${place.raw} here, but ${other.place.raw} at ${other.place.path}:${other.place.span.line}${rest}`,
          declared: place.raw,
          locked: baseline.version,
          location: locationOf(place),
          related: others.map((each) => locationOf(each.place)),
          hint: isExplicit(baseline)
            ? 'parity doctor --fix   makes the others say the same'
            : hintFor(baseline, place, false),
        },
      ];
    });
  },
};
