// A folder of a repository looks like a repository of its own: somebody committed a HEAD, objects and a config whose filter runs a program.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parity, scratchFolder } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { dir, remove } = scratchFolder();
const app = join(dir, 'app');
const ran = join(dir, 'ran');
afterAll(remove);

const git = (cwd: string, ...args: readonly string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8' });

beforeAll(() => {
  git(dir, 'init', '--quiet');
  addFiles(dir, {
    'app/main.py': 'value = 1\n',
    'app/pyproject.toml': '[project]\nname = "app"\nversion = "1"\n',
    'app/refs/heads/.keep': '',
    'app/objects/.keep': '',
    'app/HEAD': 'ref: refs/heads/main\n',
    'app/info/attributes': '* filter=x\n',
    'app/config': `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[filter "x"]\n\tclean = touch '${ran}'; cat\n`,
  });
  git(app, 'add', '--force', 'main.py');
  addFiles(dir, { 'app/main.py': 'value = 2\n' });
  rmSync(ran);
});

test('attack: the filter runs when git asks that folder; held: parity’s git takes it for no repository', async () => {
  git(app, 'status', '--short');
  expect(existsSync(ran)).toBe(true);
  rmSync(ran);
  const commands = [['doctor', '--offline'], ['lock', '--check'], ['status'], ['init', '--print'], ['up']];
  for (const args of commands)
    await parity(args, {
      cwd: app,
      env: { DOCKER_HOST: `unix://${join(dir, 'no engine')}`, GIT_CEILING_DIRECTORIES: dir },
    });
  expect(existsSync(ran)).toBe(false);
});
