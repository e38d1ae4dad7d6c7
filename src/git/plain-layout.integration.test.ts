import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitEnvironment, gitLayout } from './git.ts';
import { plainLayout } from './plain-layout.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'parity git ü-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(dir: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...identity, ...args], { cwd: dir, stdio: 'ignore', env: gitEnvironment() });
}

function repository(name: string): string {
  const dir = join(root, name);
  mkdirSync(join(dir, 'core'), { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  writeFileSync(join(dir, 'core', 'a.py'), '');
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', 'first');
  return dir;
}

test.each(['shop', 'a b', 'new\nline'])('an ordinary repository is laid out as git says (%j)', async (name) => {
  const dir = repository(name);
  for (const folder of [dir, join(dir, 'core')]) {
    const layout = plainLayout(folder);
    expect(layout).toBeDefined();
    expect({ ok: true, value: layout }).toEqual(await gitLayout(folder));
  }
  git(dir, 'checkout', '-q', '--detach');
  git(dir, 'pack-refs', '--all');
  expect({ ok: true, value: plainLayout(dir) }).toEqual(await gitLayout(dir));
});

test.each<[string, () => string]>([
  ['no repository', () => root],
  ['a folder of git’s', () => join(repository('shop'), '.git', 'objects')],
  [
    'a linked worktree',
    () => {
      git(repository('shop'), 'worktree', 'add', '-q', '-b', 'side', join(root, 'linked'));
      return join(root, 'linked');
    },
  ],
  [
    'a submodule',
    () => {
      const outer = repository('outer');
      git(outer, 'submodule', '--quiet', 'add', repository('inner'), 'inner');
      return join(outer, 'inner');
    },
  ],
  [
    'a repository in another',
    () => {
      repository('outer');
      return repository('outer/inner');
    },
  ],
  [
    'a bare repository in another',
    () => {
      const dir = repository('outer');
      git(dir, 'init', '-q', '--bare', 'bare.git');
      return join(dir, 'bare.git');
    },
  ],
  [
    'a repository whose work tree is elsewhere',
    () => {
      const dir = repository('shop');
      git(dir, 'config', 'core.worktree', join(root, 'elsewhere'));
      return dir;
    },
  ],
  [
    'settings in other files',
    () => {
      const dir = repository('shop');
      git(dir, 'config', 'include.path', join(root, 'more'));
      return dir;
    },
  ],
  [
    'a folder that is called .git and is none',
    () => {
      mkdirSync(join(root, 'shop', '.git'), { recursive: true });
      return join(root, 'shop');
    },
  ],
  [
    'a .git that is a symbolic link',
    () => {
      mkdirSync(join(root, 'link'));
      symlinkSync(join(repository('shop'), '.git', 'HEAD'), join(root, 'link', '.git'));
      return join(root, 'link');
    },
  ],
])('git is asked about %s', (_what, make) => {
  expect(plainLayout(make(), {})).toBeUndefined();
});

test('git is asked where the caller bounds its search', () => {
  expect(plainLayout(repository('shop'), { GIT_CEILING_DIRECTORIES: root })).toBeUndefined();
});
