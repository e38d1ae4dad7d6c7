import type { StepConfig } from '../config/config.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';

/** What of the host's environment reaches the steps. */
export interface StepVariables {
  /** Variables of each step, by the step's name. */
  readonly byStep: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** The values of all declared secrets: to be masked wherever anything is shown. */
  readonly secrets: readonly string[];
}

/**
 * Collects each step's variables: `env` as written, then `passEnv` names that the host has set, then `secrets`. Err
 * `config-invalid` naming the first secret that the host does not have (set to nothing counts as not having it).
 */
export function resolveStepVariables(
  steps: readonly StepConfig[],
  hostEnv: Readonly<Record<string, string | undefined>>,
): Result<StepVariables> {
  const byStep = new Map<string, Readonly<Record<string, string>>>();
  const secrets = new Set<string>();
  for (const step of steps) {
    const variables: Record<string, string> = { ...step.env };
    for (const name of step.passEnv) {
      const value = hostEnv[name];
      if (value !== undefined) variables[name] = value;
    }
    for (const name of step.secrets) {
      const value = hostEnv[name];
      if (value === undefined || value === '')
        return err(
          failure(
            'config-invalid',
            `step "${step.name}" needs the secret ${name}, which is not set in your environment`,
            {
              next: `export ${name}=…`,
            },
          ),
        );
      variables[name] = value;
      secrets.add(value);
    }
    byStep.set(step.name, variables);
  }
  return ok({ byStep, secrets: [...secrets] });
}
