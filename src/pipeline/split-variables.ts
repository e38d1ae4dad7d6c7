import type { StepConfig } from '../config/config.ts';
import { pytestPlugins, withPytestPlugin } from '../environment/pytest-plugins.ts';

// In the environment's cache volume: how long each test file took there.
const recordsFolder = '/parity/cache/pytest-split';

/**
 * The variables of a step's command: its own, and with `split`, those by which each pytest that it starts runs in several processes
 * (images/pytest/parity_split.py). `auto` is at most as many as there may be steps at once, so that `--jobs 1` is one process.
 */
export function splitVariables(
  { split }: Pick<StepConfig, 'split'>,
  variables: Readonly<Record<string, string>>,
  jobs: number,
): Readonly<Record<string, string>> {
  if (split === undefined || (split === 'auto' && jobs === 1)) return variables;
  return {
    ...withPytestPlugin(variables, pytestPlugins.split),
    PARITY_SPLIT: split === 'auto' ? `auto ${jobs}` : String(split),
    PARITY_SPLIT_RECORDS: recordsFolder,
  };
}
