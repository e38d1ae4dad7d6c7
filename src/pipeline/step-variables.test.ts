import { expect, it } from 'vitest';
import { step } from '../../test/support/steps.ts';
import { resolveStepVariables } from './step-variables.ts';

it('asks for a secret that the host lacks before anything is opened', () => {
  const resolved = resolveStepVariables([step('publish', { secrets: ['NPM_TOKEN'] })], {});
  expect(resolved).toMatchObject({
    ok: false,
    error: {
      reason: 'config-invalid',
      message: 'step "publish" needs the secret NPM_TOKEN, which is not set in your environment',
      next: 'export NPM_TOKEN=…',
    },
  });
});
