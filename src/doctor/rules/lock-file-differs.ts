import { lockToolOf } from '../../config/lock-source.ts';
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
      hint: hintFor(place.path, `${subject.replace(/^\w+:/, '')} to ${baseline.version}`),
    })),
};

function hintFor(path: string, move: string): string {
  const decides = `parity lock, with ${path} in toolchain.requirements: its versions then decide; or `;
  return `${lockToolOf(path) === undefined ? '' : decides}let its own tool move ${move}`;
}
