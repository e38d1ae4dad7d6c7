import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cachedSeenDetection, cacheSeenDetection } from '../../config/config-cache.ts';
import type { Config } from '../../config/config.ts';
import type { Listing } from '../../config/detect/files.ts';
import { detectLayout, loadConfig, type ProjectToDetect } from '../../config/load.ts';
import { gitTop, type Project } from '../../config/project.ts';
import { sha256 } from '../../core/digest.ts';
import type { Result } from '../../core/result.ts';
import { testedPrograms } from '../init/tested-programs.ts';
import { answersAgain, RepositoryReader, type RepositoryAnswers } from '../init/repository-reader.ts';

/**
 * A project's config: its parity.yaml; for what that leaves out, the jobs of its CI that check the code; where CI has none, the layout. Err as
 * loadConfig. What was made of the same files before comes from the cache.
 */
export async function loadProjectConfig(project: Project, listing?: Listing): Promise<Result<Config>> {
  return await loadConfig(project, { ...(listing === undefined ? {} : { listing }), detect: detectProject });
}

async function detectProject(project: ProjectToDetect): Promise<Config> {
  const root = gitTop(project.dir) ?? project.dir;
  const reader = new RepositoryReader(root);
  if (reader.names('.github/workflows').length === 0 && !reader.has('.gitlab-ci.yml'))
    return await detectLayout(project);
  const programs = await testedPrograms(project.dir, project.files);
  const key = sha256(
    JSON.stringify([project.repo.digest, project.dir.slice(root.length), gitConfigStamp(root), programs]),
  );
  const known = cachedSeenDetection<RepositoryAnswers>(key, (seen) => answersAgain(root, seen));
  if (known !== undefined) return known.config ?? (await detectLayout(project));
  const { detectFromCi } = await import('../init/detect-from-ci.ts');
  const config = await detectFromCi(project, reader);
  await cacheSeenDetection(key, { seen: reader.answers(), config: config ?? null });
  return config ?? (await detectLayout(project));
}

/** Changes when git's settings do: they hold the address of the repository. */
function gitConfigStamp(root: string): string {
  const dotGit = join(root, '.git');
  const linked = /^gitdir:\s*(.+)$/m.exec(textOf(dotGit) ?? '')?.[1];
  const folder = linked === undefined ? dotGit : resolve(root, linked.trim());
  // A linked worktree shares the settings of its repository: <repository>/worktrees/<name>.
  return [folder, dirname(dirname(folder))].map((each) => stampOf(join(each, 'config'))).join(' ');
}

function stampOf(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch {
    return '';
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
