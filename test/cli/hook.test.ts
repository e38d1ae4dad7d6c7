import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git, repository } from '../support/git-repo.ts';
import { parity, parityBin, type Ended } from '../support/parity.ts';
import { addFiles, folderOf } from '../support/repo.ts';

function shop(): string {
  return repository(join(folderOf({}), 'shop'), { 'parity.yaml': 'version: 1\npipeline: []\n' });
}

function hook(dir: string, ...args: readonly string[]): Promise<Ended> {
  const [action = 'install', ...flags] = args;
  const env = { GIT_CONFIG_GLOBAL: join(dir, '..', 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1' };
  return parity(['hook', action, ...flags], { cwd: dir, env });
}

function globally(dir: string, ...args: readonly string[]): void {
  git(dir, 'config', '--file', join(dir, '..', 'gitconfig'), ...args);
}

const good = { code: 0, signal: null, stderr: '' };
const skip = 'what is pushed is checked first (to push without: git push --no-verify)';

describe('parity hook', () => {
  test('writes a hook, once, that can be run; removes it again', async () => {
    const dir = shop();
    expect(await hook(dir)).toEqual({ ...good, stdout: `wrote .git/hooks/pre-push: ${skip}\n` });
    const path = join(dir, '.git/hooks/pre-push');
    expect(statSync(path).mode & 0o111).toBe(0o111);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(parityBin);
    expect(text).toContain(process.execPath);
    expect(await hook(dir)).toEqual({ ...good, stdout: '.git/hooks/pre-push checks what is pushed already\n' });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(await hook(dir, 'uninstall')).toEqual({ ...good, stdout: 'removed .git/hooks/pre-push\n' });
    expect(existsSync(path)).toBe(false);
    expect(await hook(dir, 'uninstall')).toEqual({ ...good, stdout: '.git/hooks/pre-push has nothing of parity’s\n' });
  });

  test('offers a check of types where there is a UI and no step has one', async () => {
    const dir = repository(join(folderOf({}), 'shop'), {
      'parity.yaml': 'version: 1\npipeline: [{ name: build, cwd: ui, run: npm run build }]\n',
      'ui/package.json': '{ "scripts": { "build": "vite build" } }',
      'ui/tsconfig.json': '{}',
    });
    expect(await hook(dir)).toEqual({
      ...good,
      stdout: `wrote .git/hooks/pre-push: ${skip}
no step checks the types of ui/tsconfig.json: add one to parity.yaml (run: npx tsc --noEmit), and it is checked before each push (parity doctor --rule PD025)
`,
    });
    addFiles(dir, { 'ui/package.json': '{ "scripts": { "build": "tsc -b && vite build" } }' });
    expect(await hook(dir)).toEqual({ ...good, stdout: '.git/hooks/pre-push checks what is pushed already\n' });
  });

  test('adds its lines to a hook that is there, and gives back its very bytes', async () => {
    const dir = shop();
    const path = join(dir, '.git/hooks/pre-push');
    const mine = Buffer.from('#!/bin/sh\n# caf\xe9\r\ngit lfs pre-push "$@"', 'latin1');
    mkdirSync(join(dir, '.git/hooks'), { recursive: true });
    writeFileSync(path, mine);
    chmodSync(path, 0o750);
    expect(await hook(dir)).toEqual({ ...good, stdout: `added to .git/hooks/pre-push: ${skip}\n` });
    expect(statSync(path).mode & 0o777).toBe(0o750);
    expect(await hook(dir, 'uninstall')).toMatchObject({ stdout: 'took parity’s lines out of .git/hooks/pre-push\n' });
    expect(readFileSync(path).equals(mine)).toBe(true);
  });

  test('from a linked worktree, for all of them; a project below the top is checked there', async () => {
    const dir = repository(join(folderOf({}), 'mono'), { 'a pp/parity.yaml': 'version: 1\n', 'other/x': '' });
    const linked = join(dir, '..', 'linked');
    git(dir, 'worktree', 'add', '-q', linked);
    const path = join(dir, '.git/hooks/pre-push');
    expect(await hook(join(linked, 'a pp'))).toEqual({ ...good, stdout: `wrote ${path}: ${skip}\n` });
    expect(readFileSync(path, 'utf8')).toContain(`--cwd 'a pp' preflight "$@"`);
  });

  test('husky: a hook without anything of this machine, to be committed', async () => {
    for (const [folder, files] of [
      ['.husky/_', { '.husky/_/pre-push': '#!/usr/bin/env sh\n. "${0%/*}/h"\n' }],
      ['.husky', { '.husky/pre-commit': 'npm test\n' }],
      [undefined, { '.husky/pre-commit': 'npm test\n' }],
    ] as const) {
      const dir = shop();
      addFiles(dir, files);
      if (folder !== undefined) git(dir, 'config', 'core.hooksPath', folder);
      expect(await hook(dir)).toEqual({
        ...good,
        stdout: `wrote .husky/pre-push: ${skip}\nIt is part of the repository: commit it (git add .husky/pre-push)\n`,
      });
      const text = readFileSync(join(dir, '.husky/pre-push'), 'utf8');
      expect(text).toContain('node_modules/.bin/parity preflight');
      expect(text).not.toContain(parityBin);
    }
  });

  test('a relative core.hooksPath starts at the top, wherever it is called', async () => {
    const dir = shop();
    addFiles(dir, { 'core/x.py': '' });
    git(dir, 'config', 'core.hooksPath', '.githooks');
    expect((await hook(join(dir, 'core'))).stdout).toContain('wrote .githooks/pre-push');
    expect(existsSync(join(dir, '.githooks/pre-push'))).toBe(true);
  });

  test('a folder of hooks for all repositories is left alone unless it is asked for', async () => {
    const dir = shop();
    const shared = join(dir, '..', 'all hooks');
    globally(dir, 'core.hooksPath', shared);
    const refused = await hook(dir);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(`git takes the hooks of this repository from ${shared}, which others use, too`);
    expect(refused.stderr).toContain('parity_preflight --hook pre-push');
    expect(refused.stderr).toContain('parity hook install --shared');
    expect(existsSync(shared)).toBe(false);
    expect((await hook(dir, 'install', '--shared')).stdout).toContain(`wrote ${join(shared, 'pre-push')}`);
    expect(readFileSync(join(shared, 'pre-push'), 'utf8')).toContain('[ -f parity.yaml ]');
  });

  test('pre-commit and lefthook get their own lines, printed', async () => {
    const dir = shop();
    addFiles(dir, {
      '.git/hooks/pre-push': '#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n',
    });
    const preCommit = await hook(dir);
    expect(preCommit).toMatchObject({ code: 2, stdout: '' });
    expect(preCommit.stderr).toContain('entry: parity preflight --hook pre-commit');
    const other = shop();
    addFiles(other, { 'lefthook.yml': '' });
    const lefthook = await hook(other);
    expect(lefthook).toMatchObject({ code: 2, stdout: '' });
    expect(lefthook.stderr).toContain('use_stdin: true');
    expect(existsSync(join(other, '.git/hooks/pre-push'))).toBe(false);
  });

  test('a hook that git would not run, or that is no shell script, is not touched', async () => {
    const dir = shop();
    const path = join(dir, '.git/hooks/pre-push');
    addFiles(dir, { '.git/hooks/pre-push': '#!/usr/bin/env python3\n' });
    expect(await hook(dir)).toMatchObject({ code: 2 });
    chmodSync(path, 0o755);
    const python = await hook(dir);
    expect(python).toMatchObject({ code: 2, stdout: '' });
    expect(python.stderr).toContain('.git/hooks/pre-push is no shell script, so parity adds nothing to it');
    expect(readFileSync(path, 'utf8')).toBe('#!/usr/bin/env python3\n');
  });

  test('a link is followed: the hook it leads to is committed, and gets nothing of this machine', async () => {
    const dir = shop();
    addFiles(dir, { 'scripts/pre-push': '#!/bin/sh\n' });
    chmodSync(join(dir, 'scripts/pre-push'), 0o755);
    mkdirSync(join(dir, '.git/hooks'), { recursive: true });
    symlinkSync('../../scripts/pre-push', join(dir, '.git/hooks/pre-push'));
    expect((await hook(dir)).stdout).toContain('added to scripts/pre-push');
    expect(readFileSync(join(dir, 'scripts/pre-push'), 'utf8')).not.toContain(parityBin);
  });

  test('outside git', async () => {
    const dir = folderOf({});
    expect(await parity(['hook', 'install'], { cwd: dir })).toMatchObject({ code: 2, stdout: '' });
  });

  test('as JSON', async () => {
    const dir = shop();
    const { stdout } = await parity(['hook', 'install', '--reporter', 'json'], { cwd: dir });
    const path = join(dir, '.git/hooks/pre-push');
    expect(JSON.parse(stdout)).toEqual({ type: 'hook', action: 'install', path, changed: true });
  });
});
