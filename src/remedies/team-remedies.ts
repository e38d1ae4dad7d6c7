import type { Remedy } from './remedy.ts';

/** A remedy of the team's own, as parity.yaml has it. */
export interface TeamRemedy {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly link?: string;
  /** A regular expression: over a diagnostic's message where a tool is named, else over a line of output. */
  readonly match?: string;
  readonly tool?: string;
  readonly code?: string;
}

/** The team's own remedies as entries like the catalogue's. Their patterns have been found good when the file was read. */
export function teamRemedies(remedies: readonly TeamRemedy[]): readonly Remedy[] {
  return remedies.map(({ id, title, remedy, link, match, tool, code }) => ({
    id,
    title,
    meaning: '',
    remedy,
    links: link === undefined ? [] : [link],
    matchers: [
      {
        ...(tool === undefined ? {} : { tool }),
        ...(code === undefined ? {} : { codes: [code] }),
        ...(match === undefined ? {} : { pattern: teamPattern(match) }),
        remedy,
      },
    ],
  }));
}

// As in Python and Go: a pattern that begins with (?i) does not tell capital letters from small ones.
const ignoresCase = /^\(\?i\)/;

function teamPattern(match: string): RegExp {
  return new RegExp(match.replace(ignoresCase, ''), ignoresCase.test(match) ? 'im' : 'm');
}
