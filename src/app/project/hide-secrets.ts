import { secretsAmong, secretsInEnvFiles } from '../../core/known-secrets.ts';
import type { StepVariables } from '../../pipeline/step-variables.ts';
import type { CommandContext } from '../../cli/context.ts';

/**
 * Hides from here on what a project's steps might print that is nobody's business: the secrets that parity.yaml declares, variables that are
 * secrets by their names, and what .env files hold, which steps see in the work tree.
 */
export function hideSecrets(
  { env, addSecrets }: Pick<CommandContext, 'env' | 'addSecrets'>,
  projectDir: string,
  { secrets, byStep }: StepVariables,
): void {
  const known = [env, ...byStep.values()].flatMap(secretsAmong);
  addSecrets([...secrets, ...[...known, ...secretsInEnvFiles(projectDir)].map(({ value }) => value)]);
}
