import { spawn } from 'node:child_process';
import { err, ok, type Result } from '../core/result.ts';
import { gitEnvironment, quietSettings, type GitProblem } from './git.ts';
import { pathBytes, pathsOf } from './path-text.ts';

/**
 * Those of the paths (relative to the folder, a folder's own with `/` at its end; they need not exist) that git ignores there. Err when git
 * refuses to answer.
 */
export function ignoredPaths(dir: string, paths: readonly string[]): Promise<Result<ReadonlySet<string>, GitProblem>> {
  if (paths.length === 0) return Promise.resolve(ok(new Set()));
  return new Promise((settle) => {
    const git = spawn('git', [...quietSettings, 'check-ignore', '-z', '--stdin'], {
      cwd: dir,
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let said = '';
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    git.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    git.on('error', () =>
      settle(err({ reason: 'git-missing', message: 'git is not installed, or the folder is gone' })),
    );
    git.on('close', (code) => {
      // 1: none of them is.
      if (code === 0 || code === 1) settle(ok(new Set(pathsOf(Buffer.concat(chunks)))));
      else settle(err({ reason: 'git-refused', message: `git check-ignore in ${dir}: ${said.trim()}` }));
    });
    git.stdin.on('error', () => undefined);
    git.stdin.end(Buffer.concat(paths.flatMap((path) => [pathBytes(path), Buffer.from([0])])));
  });
}
