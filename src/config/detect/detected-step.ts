import type { StepConfig } from '../config.ts';

/** A step with the defaults that detection relies on: no network, nothing passed in, every file an input. */
export function detectedStep(step: Partial<StepConfig> & Pick<StepConfig, 'name' | 'run'>): StepConfig {
  const onFailure = step.onFailure ?? (step.fix === undefined ? undefined : `Run: ${step.fix}`);
  return {
    cwd: '.',
    env: {},
    passEnv: [],
    secrets: [],
    needs: [],
    volumes: [],
    network: 'none',
    ...step,
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}
