import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  gitEnvironment,
  gitLayout,
  gitTopLevel,
  headCommit,
  isDirty,
  runGit,
  trackedFiles,
  unignoredFiles,
} from './git.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'parity git ü-')));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function git(dir: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always'];
  return execFileSync('git', [...identity, ...args], { cwd: dir, encoding: 'utf8', env: gitEnvironment() });
}

function repository(name: string, files: Record<string, string> = { 'a.txt': 'a' }): string {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  write(dir, files);
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', 'first');
  return dir;
}

function write(dir: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

describe('gitLayout', () => {
  test('an ordinary repository, asked from a folder in it', async () => {
    const dir = repository('shop', { 'core/app.py': '' });
    expect(await gitLayout(join(dir, 'core'))).toEqual({
      ok: true,
      value: {
        topLevel: dir,
        outermostSuperproject: dir,
        gitDir: join(dir, '.git'),
        commonDir: join(dir, '.git'),
        isWorktree: false,
        isSubmodule: false,
      },
    });
  });

  test('a linked worktree shares the common folder of its main repository', async () => {
    const dir = repository('shop');
    const linked = join(root, 'linked');
    git(dir, 'worktree', 'add', '-q', '-b', 'side', linked);
    expect(await gitLayout(linked)).toEqual({
      ok: true,
      value: {
        topLevel: linked,
        outermostSuperproject: linked,
        gitDir: join(dir, '.git', 'worktrees', 'linked'),
        commonDir: join(dir, '.git'),
        isWorktree: true,
        isSubmodule: false,
      },
    });
  });

  test('a submodule of a submodule names the outermost superproject', async () => {
    const inner = repository('inner');
    const middle = repository('middle');
    git(middle, 'submodule', '--quiet', 'add', inner, 'inner');
    git(middle, 'commit', '-q', '-m', 'inner');
    const outer = repository('outer');
    git(outer, 'submodule', '--quiet', 'add', middle, 'libs/middle');
    git(outer, 'submodule', '--quiet', 'update', '--init', '--recursive');
    const layout = await gitLayout(join(outer, 'libs/middle/inner'));
    expect(layout).toMatchObject({
      ok: true,
      value: { topLevel: join(outer, 'libs/middle/inner'), outermostSuperproject: outer, isSubmodule: true },
    });
    expect(layout.ok && layout.value.isWorktree).toBe(false);
  });

  test.each(['new\nline', 'evil\ntrue\nname', "it's a “repo”", ' leading and trailing ', '$(touch x) ;`'])(
    'a folder named %j',
    async (name) => {
      const dir = repository(name);
      expect(await gitLayout(dir)).toMatchObject({ ok: true, value: { topLevel: dir, gitDir: join(dir, '.git') } });
    },
  );

  test('outside any repository, and inside a bare one', async () => {
    expect(await gitLayout(root)).toMatchObject({ ok: false, error: { reason: 'not-a-repository' } });
    git(root, 'init', '-q', '--bare', 'bare.git');
    expect(await gitLayout(join(root, 'bare.git'))).toMatchObject({ ok: false, error: { reason: 'not-a-repository' } });
  });

  test('a git that is not installed is told apart from a folder without a repository', async () => {
    const dir = repository('shop');
    vi.stubEnv('PATH', root);
    expect(await gitLayout(dir)).toMatchObject({ ok: false, error: { reason: 'git-missing' } });
    expect(await trackedFiles(dir)).toMatchObject({ ok: false, error: { reason: 'git-missing' } });
  });

  test('the variables that git gives to its hooks do not lead elsewhere', async () => {
    const dir = repository('shop');
    const other = repository('other');
    vi.stubEnv('GIT_DIR', join(other, '.git'));
    vi.stubEnv('GIT_WORK_TREE', other);
    vi.stubEnv('GIT_INDEX_FILE', join(other, '.git', 'index'));
    expect(await gitTopLevel(dir)).toEqual({ ok: true, value: dir });
  });

  test.runIf(process.getuid?.() === 0)('a repository that another user owns: the command that allows it', async () => {
    const dir = repository("o'shop");
    execFileSync('chown', ['-R', '12345', dir]);
    vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
    vi.stubEnv('GIT_CONFIG_SYSTEM', '/dev/null');
    expect(await gitTopLevel(dir)).toEqual({
      ok: false,
      error: {
        reason: 'git-refused',
        message: `git refuses ${dir} because another user owns it`,
        next: `git config --global --add safe.directory '${dir.replace("'", `'\\''`)}'`,
      },
    });
  });
});

describe('files', () => {
  test('tracked ones, whatever their names, relative to the folder asked about', async () => {
    const names = ['core/a b.py', 'core/ü “q”.py', 'core/new\nline.py', 'core/-dash', 'core/tab\t.py'];
    const dir = repository('shop', Object.fromEntries([['top.txt', ''], ...names.map((name) => [name, ''])]));
    const answer = await trackedFiles(join(dir, 'core'));
    expect(answer.ok && [...answer.value].sort()).toEqual(names.map((name) => name.slice('core/'.length)).sort());
  });

  test('unignored ones: new files are in, ignored and deleted ones are out', async () => {
    const dir = repository('shop', { '.gitignore': 'dist/\n', 'gone.py': '', 'kept.py': '' });
    write(dir, { 'new.py': '', 'dist/x.js': '' });
    rmSync(join(dir, 'gone.py'));
    const answer = await unignoredFiles(dir);
    expect(answer.ok && [...answer.value].sort()).toEqual(['.gitignore', 'kept.py', 'new.py']);
  });

  test('a file in conflict is listed once', async () => {
    const dir = repository('shop', { 'a.txt': 'base\n' });
    git(dir, 'checkout', '-q', '-b', 'side');
    write(dir, { 'a.txt': 'side\n' });
    git(dir, 'commit', '-qam', 'side');
    git(dir, 'checkout', '-q', 'main');
    write(dir, { 'a.txt': 'main\n' });
    git(dir, 'commit', '-qam', 'main');
    expect(() => git(dir, 'merge', '-q', 'side')).toThrow();
    expect(await trackedFiles(dir)).toEqual({ ok: true, value: ['a.txt'] });
  });
});

test('headCommit: 40 digits, undefined before the first commit, Err outside', async () => {
  const dir = repository('shop');
  expect(await headCommit(dir)).toEqual({ ok: true, value: git(dir, 'rev-parse', 'HEAD').trim() });
  git(root, 'init', '-q', 'empty');
  expect(await headCommit(join(root, 'empty'))).toEqual({ ok: true, value: undefined });
  expect(await headCommit(root)).toMatchObject({ ok: false, error: { reason: 'not-a-repository' } });
});

test('isDirty: clean, then an untracked file, then an ignored one only', async () => {
  const dir = repository('shop', { '.gitignore': '*.log\n' });
  expect(await isDirty(dir)).toEqual({ ok: true, value: false });
  write(dir, { 'new.py': '' });
  expect(await isDirty(dir)).toEqual({ ok: true, value: true });
  rmSync(join(dir, 'new.py'));
  write(dir, { 'x.log': '' });
  expect(await isDirty(dir)).toEqual({ ok: true, value: false });
});

test('runGit starts no hook and no file system monitor of the repository', async () => {
  const dir = repository('shop');
  const marker = join(root, 'ran');
  writeFileSync(join(root, 'monitor'), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
  git(dir, 'config', 'core.fsmonitor', join(root, 'monitor'));
  expect((await runGit(dir, ['status'])).ok).toBe(true);
  expect(() => realpathSync(marker)).toThrow('ENOENT');
});
