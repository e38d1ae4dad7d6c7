import { runGit } from '../../git/git.ts';

const names = ['parity.yaml', 'parity.lock.json'];

/**
 * Those of parity's own files of a project that git does not know yet, relative to the root: a checkout of CI has none of them, and a step that asks
 * git for a clean tree, or looks at every file, should not meet them. Empty where git does not answer.
 */
export async function uncommittedOwnFiles(hostRoot: string, project: string): Promise<ReadonlySet<string>> {
  const paths = names.map((name) => (project === '' ? name : `${project}/${name}`));
  const listed = await runGit(hostRoot, ['ls-files', '-z', '--', ...paths]);
  if (!listed.ok) return new Set();
  const known = new Set(listed.value.split('\0'));
  return new Set(paths.filter((path) => !known.has(path)));
}
