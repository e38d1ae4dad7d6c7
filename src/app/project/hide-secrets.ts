import { secretsAmong } from '../../core/known-secrets.ts';
import { secretsInEnvFiles } from '../../records/env-file-secrets.ts';
import type { StepVariables } from '../../pipeline/step-variables.ts';
import type { AppContext } from '../context.ts';

/**
 * Hides from now on the secrets that a project's steps might print: the secrets that parity.yaml declares, variables that are
 * secrets by their names, and what .env files hold, which steps see in the work tree.
 */
export function hideSecrets(
  { env, secrets }: Pick<AppContext, 'env' | 'secrets'>,
  projectDir: string,
  { secrets: declared, byStep }: StepVariables,
): void {
  const known = [env, ...byStep.values()].flatMap(secretsAmong);
  secrets.add([...declared, ...[...known, ...secretsInEnvFiles(projectDir)].map(({ value }) => value)]);
}
