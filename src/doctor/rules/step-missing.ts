import type { Rule } from '../audit.ts';
import { compareCommands } from '../commands/compare-commands.ts';
import { describeCommandDifference } from './commands.ts';

/** PD020. */
export const stepMissing: Rule = {
  id: 'PD020',
  name: 'step-missing',
  severity: 'warning',
  sentence: 'CI makes a check that no step of the pipeline makes.',
  check: (audit) =>
    compareCommands(audit)
      .filter(({ kind }) => kind === 'missing')
      .map(describeCommandDifference),
};
