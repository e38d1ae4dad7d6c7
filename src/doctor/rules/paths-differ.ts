import type { Rule } from '../audit.ts';
import { compareCommands } from '../commands/compare-commands.ts';
import { describeCommandDifference } from './commands.ts';

/** PD022. */
export const pathsDiffer: Rule = {
  id: 'PD022',
  name: 'paths-differ',
  severity: 'warning',
  sentence: 'CI runs a tool over paths that the pipeline leaves out.',
  check: (audit) =>
    compareCommands(audit)
      .filter(({ kind }) => kind === 'paths')
      .map(describeCommandDifference),
};
