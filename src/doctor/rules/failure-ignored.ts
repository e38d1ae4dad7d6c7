import type { Rule } from '../audit.ts';
import { commandsWithIgnoredFailure } from '../commands/compare-commands.ts';

/** PD024. */
export const failureIgnored: Rule = {
  id: 'PD024',
  name: 'toothless',
  severity: 'warning',
  sentence: 'A check is run whose failure counts for nothing.',
  check: (audit) =>
    commandsWithIgnoredFailure(audit).map(({ tool, why, by }) => {
      const isStep = 'run' in by;
      const isPipe = why.startsWith('| ');
      const path = isStep ? (audit.project === '.' ? 'parity.yaml' : `${audit.project}/parity.yaml`) : by.path;
      const line = isStep ? by.run : by.command;
      const place = isStep ? `the step ${by.name}` : by.where;
      return {
        confidence: 'high' as const,
        topic: `command:${tool}` as const,
        message: isPipe
          ? `${place} runs ${tool} with \`${why}\` and no pipefail: its failure counts for nothing`
          : `${place} runs ${tool} with \`${why}\`: it can not fail`,
        declared: line,
        ...(by.span === undefined ? {} : { location: { path, span: by.span, raw: line, note: place } }),
        related: [],
        hint: isPipe
          ? 'put `set -o pipefail` before it (on GitHub `shell: bash` does), or take the pipe away'
          : `take \`${why}\` away, or the check`,
      };
    }),
};
