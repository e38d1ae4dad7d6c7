import type { Rule } from '../audit.ts';

/** PD043. */
export const locale: Rule = {
  id: 'PD043',
  name: 'locale',
  severity: 'warning',
  observes: true,
  sentence: 'The locale of this machine is not UTF-8: bare tools read and write text another way than the image does.',
  check: ({ observed: { host } }) =>
    // Without one, and with C, Python takes UTF-8 (PEP 538, PEP 540).
    host?.locale === undefined || /utf-?8|^(?:C|POSIX)$/i.test(host.locale)
      ? []
      : [
          {
            confidence: 'high',
            topic: 'host',
            message: `the locale is ${host.locale}, the image has C.UTF-8`,
            observed: host.locale,
            related: [],
            hint: 'export LANG=C.UTF-8',
          },
        ],
};
