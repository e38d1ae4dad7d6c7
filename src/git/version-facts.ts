import { runGit } from './git.ts';

/**
 * All that a version which is made from git depends on: the commit, its distance from the nearest tag, whether tracked files differ, and all
 * tags. Empty where git has no answer.
 */
export async function versionFacts(dir: string): Promise<string> {
  const [described, tags] = await Promise.all([
    runGit(dir, ['describe', '--always', '--long', '--tags', '--abbrev=40', '--dirty']),
    runGit(dir, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags']),
  ]);
  return `${described.ok ? described.value : ''}${tags.ok ? tags.value : ''}`;
}
