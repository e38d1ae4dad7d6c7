import type { StepConfig } from '../../src/config/config.ts';

/** A step with the config's defaults; `run` is its name unless said otherwise. */
export function step(name: string, more: Partial<StepConfig> = {}): StepConfig {
  return {
    name,
    run: name,
    cwd: '.',
    env: {},
    passEnv: [],
    secrets: [],
    needs: [],
    volumes: [],
    network: 'none',
    ...more,
  };
}
