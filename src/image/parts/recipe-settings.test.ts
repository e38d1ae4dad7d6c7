import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { recipeSettings } from './recipe-settings.ts';

it('are what the last stage of Dockerfile.parity says, which copies the parts in the order of their layers', () => {
  const dockerfile = readFileSync(join(packageRoot(), 'Dockerfile.parity'), 'utf8');
  const { env, user, workingDir, entrypoint, command } = recipeSettings;
  expect(dockerfile.slice(dockerfile.lastIndexOf('\nFROM ')).trim().split('\n')).toEqual([
    'FROM ${START}',
    'USER 0',
    'COPY --from=system /delta/ /',
    'COPY --from=node /opt/parity/ /opt/parity/',
    'COPY --from=python /layers/tools/ /',
    'COPY --from=python /layers/project/ /',
    `ENV ${env.join(' ')}`,
    `WORKDIR ${workingDir}`,
    `USER ${user}`,
    `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
    `CMD ${JSON.stringify(command)}`,
  ]);
});
