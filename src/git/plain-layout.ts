import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GitLayout } from './git.ts';

/**
 * Where the work tree of an ordinary repository lies, as `gitLayout` would say, without asking git. Undefined wherever git alone knows: outside a
 * repository, in a worktree, a submodule or below another repository, for another user's, or with settings that move things.
 */
export function plainLayout(dir: string, env: NodeJS.ProcessEnv = process.env): GitLayout | undefined {
  if (env['GIT_CEILING_DIRECTORIES'] || dir.split('/').includes('.git')) return undefined;
  const start = statOf(dir);
  let topLevel: string | undefined;
  for (let folder = dir; ; folder = dirname(folder)) {
    const git = statOf(join(folder, '.git'));
    // Two of them: the inner one may be a submodule.
    if (git !== undefined && topLevel !== undefined) return undefined;
    // The folder may be a bare repository.
    if (topLevel === undefined && statOf(join(folder, 'HEAD')) !== undefined) return undefined;
    if (git !== undefined) {
      const own = statOf(folder);
      const isOurs = own?.uid === process.getuid?.() && git.uid === own?.uid && own?.dev === start?.dev;
      if (!isOurs || !isPlainRepository(join(folder, '.git'))) return undefined;
      topLevel = folder;
    }
    if (dirname(folder) === folder) break;
  }
  if (topLevel === undefined) return undefined;
  const gitDir = join(topLevel, '.git');
  return {
    topLevel,
    outermostSuperproject: topLevel,
    gitDir,
    commonDir: gitDir,
    isWorktree: false,
    isSubmodule: false,
  };
}

/** A folder that git would take for a repository, with nothing in it that says where its files are. */
function isPlainRepository(gitDir: string): boolean {
  if (!['', 'objects', 'refs'].every((name) => statOf(join(gitDir, name))?.isDirectory())) return false;
  if (statOf(join(gitDir, 'commondir')) !== undefined) return false;
  try {
    const [head, config] = ['HEAD', 'config'].map((name) => readFileSync(join(gitDir, name), 'utf8'));
    return (
      /^(?:ref: refs\/|[0-9a-f]{40})/.test(head ?? '') &&
      !/worktree|bare\s*(?:=\s*true|$)|\[include/im.test(config ?? '')
    );
  } catch {
    return false;
  }
}

/** Undefined for what is not there; a symbolic link counts as what it leads to. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
