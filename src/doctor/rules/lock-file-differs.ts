import type { Rule } from '../audit.ts';
import { describeBaseline, locationOf, wrongLocks } from '../comparisons.ts';

/** PD010. A lock file may hold several versions of a package, for several Pythons: one that is right will do. */
export const lockFileDiffers: Rule = {
  id: 'PD010',
  name: 'lock-file-differs',
  severity: 'error',
  sentence: 'Another lock file (uv, poetry, npm …) holds another version than parity.lock.json.',
  check: (audit) =>
    wrongLocks(audit).map(({ subject, baseline, place, confidence }) => ({
      confidence,
      topic: subject,
      message: `${place.path.slice(place.path.lastIndexOf('/') + 1)} has ${place.raw}, ${describeBaseline(baseline)}`,
      declared: place.raw,
      locked: baseline.version,
      location: locationOf(place),
      related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
      hint: `let that lock file's own tool move ${subject.replace(/^\w+:/, '')} to ${baseline.version}, or parity lock --upgrade ${subject.replace(/^\w+:/, '')}`,
    })),
};
