import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import type { GithubOutput } from './github.ts';

/**
 * What GitHub's runner tells a job in its environment
 * (https://docs.github.com/actions/reference/workflows-and-actions/variables): where the summary goes, and how to link to the code.
 */
export function githubRunner(
  env: NodeJS.ProcessEnv,
  cwd: string,
): Pick<GithubOutput, 'summaryFile' | 'linkTo' | 'fileFromTop'> {
  const { GITHUB_STEP_SUMMARY: summaryFile, GITHUB_WORKSPACE: top } = env;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = env;
  const code = server && repository && commit ? `${server}/${repository}/blob/${commit}` : undefined;
  return {
    ...(summaryFile ? { summaryFile } : {}),
    ...(code === undefined ? {} : { linkTo: (file, line) => link(code, file, line) }),
    ...(top ? { fileFromTop: (file) => fileFromTop(resolve(top), cwd, file) } : {}),
  };
}

function link(code: string, file: string, line: number | null): string {
  // Parentheses would end a link in Markdown.
  const path = file.split('/').map((part) => encodeURIComponent(part).replaceAll('(', '%28').replaceAll(')', '%29'));
  return `${code}/${path.join('/')}${line === null ? '' : `#L${line}`}`;
}

/** A file is named relative to the project, which is the folder that parity was called in or one above it. */
function fileFromTop(top: string, cwd: string, file: string): string | undefined {
  for (let dir = cwd; ; dir = dirname(dir)) {
    const below = relative(top, dir);
    if (below === '..' || below.startsWith(`..${sep}`)) return undefined;
    if (existsSync(resolve(dir, file))) return relative(top, resolve(dir, file)).split(sep).join('/');
    if (below === '' || dir === dirname(dir)) return undefined;
  }
}
