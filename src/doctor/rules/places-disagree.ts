import type { Rule } from '../audit.ts';
import { authority } from '../held.ts';
import { againstHeld, hintFor, isWanted, placeOf, wrongLocks } from '../judgement.ts';

/** PD003. The places that differ have findings of their own (PD001, PD002, PD010); this is the other end of each disagreement. */
export const placesDisagree: Rule = {
  id: 'PD003',
  name: 'places-disagree',
  severity: 'error',
  sentence: 'Two places of the repository name different versions of one thing.',
  check: (audit) => {
    const agreeing = againstHeld(audit, ['install', 'locked'], ['same']);
    const differing = [...againstHeld(audit, ['install'], ['other', 'excludes']), ...wrongLocks(audit)];
    return [...new Set(differing.map(({ subject }) => subject))].flatMap((subject) => {
      const others = differing.filter((each) => each.subject === subject);
      const [first] = agreeing
        .filter((each) => each.subject === subject)
        .toSorted((a, b) => authority(a.place) - authority(b.place));
      const [other, ...more] = others;
      if (first === undefined || other === undefined) return [];
      const rest = more.length === 0 ? '' : `, and ${more.length} more`;
      const { place, held, sure } = first;
      return [
        {
          confidence: sure,
          topic: subject,
          message: `${place.said} here, but ${other.place.said} at ${other.place.path}:${other.place.span.line}${rest}`,
          declared: place.said,
          locked: held.version,
          location: placeOf(place),
          related: others.map((each) => placeOf(each.place)),
          hint: isWanted(held) ? 'parity doctor --fix   makes the others say the same' : hintFor(held, place, false),
        },
      ];
    });
  },
};
