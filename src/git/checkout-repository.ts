import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';
import { runGit, type GitProblem, type GitRun, type GitSetting } from './git.ts';
import type { SourceRepository } from './source-repository.ts';

/** A checkout repository in parity's cache, which borrows the objects of one of the user's; nothing else writes to it. */
export interface CheckoutRepository {
  /** Absolute; `.git` in the work tree, or a folder of the outer repository's `modules` for a submodule. */
  readonly gitDir: string;
  /** Absolute. */
  readonly workTree: string;
}

/** A submodule as a commit has it. */
export interface Gitlink {
  /** Relative to the work tree, `/` between. */
  readonly path: string;
  readonly commit: string;
  /** Its name in .gitmodules; absent when that does not name it. */
  readonly name?: string;
}

const checkoutConfig = 'parity.config';
// What a git that was killed leaves behind, and what it would wait for.
const locks = ['index.lock', 'HEAD.lock', 'config.lock', 'packed-refs.lock', 'shallow.lock'];

/**
 * Makes the repository, or brings it up to date with the user's: objects borrowed, branches and tags as they are there. Its settings are
 * those of a fresh clone on Linux, whatever the user's say: no line ending is changed but where .gitattributes asks for it, no file left
 * out. Throws the file system's errors; Err as runGit.
 */
export async function prepareRepository(
  repository: CheckoutRepository,
  source: SourceRepository,
): Promise<Result<void, GitProblem>> {
  const { gitDir, workTree } = repository;
  await mkdir(workTree, { recursive: true });
  if ((await readFile(join(gitDir, checkoutConfig), 'utf8').catch(() => undefined)) === undefined) {
    const made = await initialise(repository, source.objectFormat);
    if (!made.ok) return made;
  }
  const config = await readFile(join(gitDir, 'config'), 'utf8');
  if (/^\s*objectformat = sha256$/im.test(config) !== (source.objectFormat === 'sha256'))
    return err({ reason: 'git-refused', message: `${gitDir} names objects in another way than ${source.gitDir}` });
  for (const lock of locks) await rm(join(gitDir, lock), { force: true });
  const alternates = source.objectFolders.map((folder) => `${quotedPath(folder)}\n`).join('');
  await writeWhenChanged(join(gitDir, 'objects', 'info', 'alternates'), alternates);
  await writeWhenChanged(join(gitDir, 'packed-refs'), source.packedRefs);
  if (source.shallow === undefined) await rm(join(gitDir, 'shallow'), { force: true });
  else await writeWhenChanged(join(gitDir, 'shallow'), source.shallow);
  if (workTree !== join(gitDir, '..')) {
    const pointer = relative(workTree, gitDir).split(sep).join('/');
    await writeWhenChanged(join(workTree, '.git'), `gitdir: ${pointer}\n`);
  }
  // Last: it says that all the rest is there.
  await writeWhenChanged(join(gitDir, checkoutConfig), configText(source));
  return ok(undefined);
}

async function initialise(
  { gitDir, workTree }: CheckoutRepository,
  format: SourceRepository['objectFormat'],
): Promise<Result<void, GitProblem>> {
  await mkdir(gitDir, { recursive: true });
  const config = join(gitDir, 'config');
  const inside = workTree === join(gitDir, '..');
  // A bare one has no absolute path of its work tree, which a container would not know.
  const named = format === 'sha1' ? [] : [`--object-format=${format}`];
  const made = await runGit(gitDir, ['init', '--quiet', '--bare', '--template=', ...named, '.'], {
    gitDir,
    settings: [
      ['init.defaultBranch', 'parity'],
      ['init.defaultRefFormat', 'files'],
    ],
  });
  if (!made.ok) return made;
  const settings: readonly GitSetting[] = [
    ['core.bare', 'false'],
    ['core.logAllRefUpdates', 'false'],
    ...(inside ? [] : ([['core.worktree', relative(gitDir, workTree).split(sep).join('/')]] as const)),
    ['include.path', checkoutConfig],
  ];
  for (const [name, value] of settings) {
    const set = await runGit(gitDir, ['config', '--file', config, name, value], { gitDir });
    if (!set.ok) return set;
  }
  return ok(undefined);
}

function configText({ origin }: SourceRepository): string {
  const remote =
    origin === undefined
      ? ''
      : `[remote "origin"]\n\turl = ${quotedValue(origin)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  return `# Written by parity: this is a checkout in its cache.
[core]
\tautocrlf = false
\teol = lf
\tattributesFile = /dev/null
\tsparseCheckout = false
\tsparseCheckoutCone = false
[submodule]
\tactive = .
[gc]
\tauto = 0
[maintenance]
\tauto = false
${remote}`;
}

/** Git's lists of object folders take a path in C's quotes when a line can't hold it. */
function quotedPath(path: string): string {
  return path.includes('\n') ? JSON.stringify(path) : path;
}

function quotedValue(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

async function writeWhenChanged(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFileWhole(path, text);
}

/**
 * Makes index and work tree those of a commit, whatever they were: only files that differ are written. HEAD names the commit afterwards,
 * on no branch. Err as runGit, then with the work tree between two commits: doing it again mends that.
 */
export async function checkOutFiles(
  repository: CheckoutRepository,
  commit: string,
  run: Pick<GitRun, 'settings' | 'signal'>,
): Promise<Result<void, GitProblem>> {
  const settings: readonly GitSetting[] = [...(run.settings ?? []), ['submodule.recurse', 'false']];
  const read = await runGit(repository.workTree, ['read-tree', '--reset', '-u', commit], {
    ...repository,
    ...run,
    settings,
  });
  if (!read.ok) return read;
  await writeWhenChanged(join(repository.gitDir, 'HEAD'), `${commit}\n`);
  return ok(undefined);
}

/** Removes all that the commit does not have, git-ignored files and nested repositories included; but for the kept folders (relative, `/`). */
export async function cleanTree(
  repository: CheckoutRepository,
  keptFolders: readonly string[],
  run: Pick<GitRun, 'signal'>,
): Promise<Result<void, GitProblem>> {
  const excludes = keptFolders.flatMap((path) => ['-e', `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}`]);
  const cleaned = await runGit(repository.workTree, ['clean', '-ffdxq', ...excludes], { ...repository, ...run });
  return cleaned.ok ? ok(undefined) : cleaned;
}

/** The submodules of the checked-out commit, by path; Err as runGit. */
export async function gitlinksOf(repository: CheckoutRepository): Promise<Result<readonly Gitlink[], GitProblem>> {
  const modules = await readFile(join(repository.workTree, '.gitmodules'), 'utf8').catch(() => undefined);
  if (modules === undefined) return ok([]);
  const [staged, declared] = await Promise.all([
    runGit(repository.workTree, ['ls-files', '--stage', '-z'], { ...repository }),
    runGit(
      repository.workTree,
      ['config', '--null', '--file', '.gitmodules', '--get-regexp', '^submodule\\..*\\.path$'],
      repository,
    ),
  ]);
  if (!staged.ok) return err(staged.error);
  const names = new Map(
    (declared.ok ? declared.value : '').split('\0').flatMap((entry) => {
      const [, name, path] = /^submodule\.([\s\S]*?)\.path\n([\s\S]*)$/.exec(entry) ?? [];
      return name === undefined || path === undefined ? [] : [[path.replace(/\/+$/, ''), name] as const];
    }),
  );
  return ok(
    staged.value.split('\0').flatMap((entry) => {
      const [, commit, path] = /^160000 ([0-9a-f]+) \d\t([\s\S]+)$/.exec(entry) ?? [];
      if (commit === undefined || path === undefined) return [];
      const name = names.get(path);
      return [{ path, commit, ...(name === undefined ? {} : { name }) }];
    }),
  );
}

/** The settings that a source repository has and a checkout repository does not see by itself: with them it reaches the user's remotes. */
export async function borrowedSettings(
  repository: CheckoutRepository,
  transport: readonly GitSetting[],
): Promise<readonly GitSetting[]> {
  if (transport.length === 0) return [];
  const seen = await runGit(repository.workTree, ['config', '--null', '--list'], repository);
  const entries = new Set(seen.ok ? seen.value.split('\0') : []);
  return transport.filter(([name, value]) => !entries.has(`${name}\n${value}`));
}
