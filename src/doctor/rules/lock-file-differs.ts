import type { Rule } from '../audit.ts';
import { heldWords, placeOf, wrongLocks } from '../judgement.ts';

/** PD010. A lock file may hold several versions of a package, for several Pythons: one that is right will do. */
export const lockFileDiffers: Rule = {
  id: 'PD010',
  name: 'lock-file-differs',
  severity: 'error',
  sentence: 'Another lock file (uv, poetry, npm …) holds another version than parity.lock.json.',
  check: (audit) =>
    wrongLocks(audit).map(({ subject, held, place, sure }) => ({
      confidence: sure,
      topic: subject,
      message: `${place.path.slice(place.path.lastIndexOf('/') + 1)} has ${place.said}, ${heldWords(held)}`,
      declared: place.said,
      locked: held.version,
      location: placeOf(place),
      related: held.place === undefined ? [] : [placeOf(held.place)],
      hint: `let that lock file's own tool move ${subject.replace(/^\w+:/, '')} to ${held.version}, or parity lock --upgrade ${subject.replace(/^\w+:/, '')}`,
    })),
};
