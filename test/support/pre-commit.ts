import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '4.7.0';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the real pre-commit, installed with pip when it is not there. Throws with pip's words. */
export function preCommitFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] ?? homedir(), '.cache');
  const dir = join(cache, `parity-test-pre-commit-${version}`);
  if (existsSync(join(dir, 'whole'))) return dir;
  rmSync(dir, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', dir];
  const { status, stderr } = spawnSync('python3', [...pip, `pre-commit==${version}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`pip could not install pre-commit: ${stderr}`);
  mkdirSync(join(dir, 'whole'));
  return dir;
}

/** This very project, uncommitted changes included, as a repository of one commit in `dir`; gives the commit. */
export function projectRepository(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options);
  for (const path of new Set(listed.split('\0')))
    if (path !== '' && existsSync(join(root, path))) cpSync(join(root, path), join(dir, path));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
      cwd: dir,
      encoding: 'utf8',
    });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'parity');
  return git('rev-parse', 'HEAD').trim();
}
