import type { Rule } from '../audit.ts';
import { compareCommands } from '../commands/compare-commands.ts';
import { describeCommandDifference } from './commands.ts';

/** PD023. */
export const configDiffers: Rule = {
  id: 'PD023',
  name: 'config-differs',
  severity: 'warning',
  sentence: 'CI runs a tool with another config file than the pipeline.',
  check: (audit) =>
    compareCommands(audit)
      .filter(({ kind }) => kind === 'config')
      .map(describeCommandDifference),
};
