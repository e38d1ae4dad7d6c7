import type { Rule } from '../audit.ts';
import { againstHeld, heldWords, placeOf } from '../judgement.ts';

/** PD010. A lock file may hold several versions of a package, for several Pythons: one that is right will do. */
export const lockFileDiffers: Rule = {
  id: 'PD010',
  name: 'lock-file-differs',
  severity: 'error',
  sentence: 'Another lock file (uv, poetry, npm …) holds another version than parity.lock.json.',
  check: (audit) => {
    const right = new Set(
      againstHeld(audit, ['locked'], ['same', 'admits']).map(({ subject, place }) => `${subject}\0${place.path}`),
    );
    return againstHeld(audit, ['locked'], ['other', 'excludes'])
      .filter(({ subject, place }) => !right.has(`${subject}\0${place.path}`))
      .map(({ subject, held, place, sure }) => ({
        confidence: sure,
        topic: subject,
        message: `${place.path.slice(place.path.lastIndexOf('/') + 1)} has ${place.said}, ${heldWords(held)}`,
        declared: place.said,
        locked: held.version,
        location: placeOf(place),
        related: held.place === undefined ? [] : [placeOf(held.place)],
        hint: `let that lock file's own tool move ${subject.replace(/^\w+:/, '')} to ${held.version}, or parity lock --upgrade ${subject.replace(/^\w+:/, '')}`,
      }));
  },
};
