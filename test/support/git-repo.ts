import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { gitEnvironment } from '../../src/git/git.ts';
import { addFiles, type Tree } from './repo.ts';

/** Runs git in a folder as somebody without settings of their own; throws with its words when it fails. */
export function git(dir: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'protocol.file.allow=always'];
  const run = spawnSync('git', [...who, ...args], { cwd: dir, encoding: 'utf8', env: gitEnvironment() });
  if (run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.stderr}`);
  return run.stdout;
}

/** A new repository on `main` with a first commit of these files. */
export function repository(dir: string, tree: Tree, ...init: readonly string[]): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main', ...init);
  commit(dir, tree);
  return dir;
}

/** Adds files and commits everything; gives the commit. */
export function commit(dir: string, tree: Tree = {}): string {
  addFiles(dir, tree);
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '--allow-empty', '-m', 'commit');
  return git(dir, 'rev-parse', 'HEAD').trim();
}

/** A temporary folder with parity's cache and git's global settings in it, for one test; real path, with a space and an umlaut. */
export function gitScratch(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'parity commit ü-')));
  vi.stubEnv('PARITY_CACHE_DIR', join(dir, 'cache'));
  vi.stubEnv('GIT_CONFIG_GLOBAL', join(dir, 'gitconfig'));
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
