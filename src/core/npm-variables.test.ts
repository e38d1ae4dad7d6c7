import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { npmVariables } from './npm-variables.ts';

it('lets npm see its own settings, and what the user’s .npmrc names', () => {
  const home = folderOf({ '.npmrc': '//acme.test/:_authToken=${ACME_TOKEN}\nregistry=https://acme.test/\n' });
  const shown = (name: string, env: NodeJS.ProcessEnv): boolean => npmVariables(env).test(name);
  expect(
    ['npm_config_registry', 'NPM_CONFIG_CACHE', 'ACME_TOKEN', 'GITHUB_TOKEN'].map((name) =>
      shown(name, { HOME: home }),
    ),
  ).toEqual([true, true, true, false]);
  const other = join(home, 'other');
  writeFileSync(other, '//acme.test/:_authToken=${OTHER_TOKEN?}\n');
  expect(shown('OTHER_TOKEN', { HOME: home, NPM_CONFIG_USERCONFIG: other })).toBe(true);
  expect(shown('ACME_TOKEN', { HOME: join(home, 'nobody') })).toBe(false);
});
