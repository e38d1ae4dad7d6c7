import type { Rule } from '../audit.ts';

/** PD040. */
export const autocrlf: Rule = {
  id: 'PD040',
  name: 'autocrlf',
  severity: 'warning',
  observes: true,
  sentence: 'In the work tree git writes other line ends than the repository has.',
  check: ({ observed: { host } }) =>
    host?.git.autocrlf !== 'true'
      ? []
      : [
          {
            confidence: 'high',
            topic: 'host',
            message: 'core.autocrlf is true: text files get CRLF here, and steps see them so',
            observed: 'core.autocrlf=true',
            related: [],
            hint: 'git config core.autocrlf input && git rm -rq --cached . && git reset -q --hard   (commit first), or * text=auto eol=lf in .gitattributes',
          },
        ],
};
