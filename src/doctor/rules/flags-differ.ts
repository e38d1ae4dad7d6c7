import type { Rule } from '../audit.ts';
import { compareCommands } from '../commands/compare-commands.ts';
import { describeCommandDifference } from './commands.ts';

/** PD021. */
export const flagsDiffer: Rule = {
  id: 'PD021',
  name: 'flags-differ',
  severity: 'warning',
  sentence: 'CI runs a tool with other options than the pipeline.',
  check: (audit) =>
    compareCommands(audit)
      .filter(({ kind }) => kind === 'flags')
      .map(describeCommandDifference),
};
