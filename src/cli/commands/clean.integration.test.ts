import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git, gitScratch, repository } from '../../../test/support/git-repo.ts';
import { createFakeEngine } from '../../engine/fake/fake-engine.ts';
import { checkOutCommit } from '../../workspace/check-out-commit.ts';
import { cleanCommand } from './clean.ts';

test('checkouts of repositories that are gone go with what the engine has; with all, every one that is not in use', async () => {
  const scratch = gitScratch();
  const engine = createFakeEngine();
  const tops = ['gone', 'kept', 'busy'].map((name) => repository(join(scratch, name), { a: '' }));
  const workspaces = await Promise.all(
    tops.map((topLevel) =>
      checkOutCommit({
        topLevel,
        commit: git(topLevel, 'rev-parse', 'HEAD').trim(),
        emit: () => {},
        signal: new AbortController().signal,
      }),
    ),
  );
  for (const workspace of workspaces.slice(0, 2)) if (workspace.ok) await workspace.value.release();
  rmSync(tops[0] ?? '', { recursive: true });
  const said: string[] = [];
  const clean = (all: boolean, json = false): Promise<unknown> =>
    cleanCommand({ engine, all, json, print: (text) => said.push(text) });
  expect(await clean(false)).toEqual({ ok: true, value: 0 });
  await clean(true, true);
  await clean(true);
  expect(said).toEqual([
    'Removed 1 checkout: 0 B freed.',
    expect.stringContaining('"checkouts":1') as string,
    'Nothing to remove.',
  ]);
});
