import type { Rule } from '../audit.ts';

/** PD012. */
export const unreadable: Rule = {
  id: 'PD012',
  name: 'unreadable',
  severity: 'warning',
  sentence: 'A file that declares versions, or a part of it, can not be read.',
  check: ({ problems }) =>
    problems.map(({ path, span, message }) => ({
      confidence: 'high',
      topic: 'file',
      message,
      location: { path, span, raw: '', note: 'here' },
      related: [],
      hint: 'mend the file: the tools that read it stumble there, too',
    })),
};
