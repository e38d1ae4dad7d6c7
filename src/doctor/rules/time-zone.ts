import type { Rule } from '../audit.ts';

/** PD044. */
export const timeZone: Rule = {
  id: 'PD044',
  name: 'time-zone',
  severity: 'note',
  observes: true,
  sentence: 'The time zone of this machine is not UTC, which the image and most CI machines have.',
  check: ({ observed: { host } }) =>
    host === undefined || /^(?:Etc\/)?(?:UTC|GMT|UCT|Universal|Zulu)$|^Etc\/GMT[+-]?0$/.test(host.timeZone)
      ? []
      : [
          {
            confidence: 'high',
            topic: 'host',
            message: `the time zone is ${host.timeZone}: tests that take local time for granted pass here alone`,
            observed: host.timeZone,
            related: [],
            hint: 'TZ=UTC before the bare command, or parity run -- …',
          },
        ],
};
