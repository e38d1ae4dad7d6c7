import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitScratch, repository } from '../../../test/support/git-repo.ts';
import { addFiles } from '../../../test/support/repo.ts';
import { configOf, step } from '../../../test/support/environment.ts';
import { cleanCopyAdvice } from './clean-copy-advice.ts';

const clean = { ...configOf(), ci: { checkout: 'clean', github: {}, gitlab: {} } } as const;

/** A repository whose project has what git ignores, an empty folder, and a file that is not committed. */
function project(): { readonly hostRoot: string; readonly hostProject: string } {
  const hostRoot = repository(join(gitScratch(), 'shop'), {
    '.gitignore': '.env\nlib/\n',
    'api/pricing/__init__.py': '',
  });
  addFiles(hostRoot, { 'api/.env': 'API_BASE=x\n', 'api/pricing/lib/tax.py': 'a = 1\n', 'api/new.txt': '' });
  mkdirSync(join(hostRoot, 'api/exports'));
  return { hostRoot, hostProject: join(hostRoot, 'api') };
}

test('of a step that has a clean copy it names the hidden file, folder and variable; of one that sees the work tree nothing', async () => {
  const place = project();
  const said = (config: Parameters<typeof cleanCopyAdvice>[0], tail: string, more = {}): unknown =>
    cleanCopyAdvice(config, place, place.hostProject)({ step: step({ name: 'a', ...more }), diagnostics: [], tail });
  const variable = "KeyError: 'API_BASE'\n";
  const [ofVariable] = (await said(clean, variable)) as readonly string[];
  expect(ofVariable).toMatch(/^api\/\.env exists here but git ignores it \(\.gitignore:1: \.env\) and sets API_BASE: /);
  expect(await said(clean, "ModuleNotFoundError: No module named 'pricing.lib.tax'\n")).toEqual([
    "api/pricing/lib/tax.py exists here but git ignores api/pricing/lib/ (.gitignore:2: lib/): make it in a step, or: echo '!/api/pricing/lib/' >> ../.gitignore && git add pricing/lib",
  ]);
  const folder = "FileNotFoundError: [Errno 2] No such file or directory: 'exports/a.csv'\n";
  expect(await said(clean, folder)).toEqual([expect.stringContaining('the folder api/exports is here')]);
  // What is not committed is in the copy.
  expect(await said(clean, "FileNotFoundError: [Errno 2] No such file or directory: 'new.txt'\n")).toEqual([]);
  expect(await said(configOf(), variable)).toEqual([]);
  // A job has a clean copy without being told so.
  expect(await said(configOf(), variable, { job: 'check' })).toHaveLength(1);
});
